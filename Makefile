# bellhop. `make help` lists the targets; README.md says what it all is.

VERSION  := 0.1.0
PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
BUILD    ?= build
CC       ?= cc
AR       ?= ar
SAN      ?=

WARN     := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
            -Wold-style-definition -Wwrite-strings -Wvla -Wundef -Wformat=2
OPT      ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DBELLHOP_VERSION='"$(VERSION)"' -Ishim -Iinclude
ALLFLAGS  = $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) $(WERROR) -fPIC -fvisibility=hidden \
            -fno-semantic-interposition -ftls-model=initial-exec $(if $(SAN),-fsanitize=$(SAN) \
            -fno-omit-frame-pointer) $(CFLAGS)
# The sanitizers' runtime is the host's.
DEFS      = $(if $(SAN),,-Wl,-z,defs)
# Nothing of the C runtime files is used, and what they ask for is looked up at each start.
START     = $(if $(SAN),,-nostartfiles)
LDALL     = $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
# The settings file's reader is the only part that needs libconfig.
FILE_SRC := $(wildcard shim/settings/file*.c)
# Within the shim's library it is linked in; see streams.c.
STREAM_SRC := shim/settings/streams.c
# The verifier of tokens is the only part that needs BearSSL.
TOKEN_SRC := shim/settings/verify.c
CORE_SRC := $(filter-out $(FILE_SRC) $(STREAM_SRC) $(TOKEN_SRC),$(foreach d,base baggage http policy settings context carrier \
            control,$(wildcard shim/$(d)/*.c)))
SHIM_SRC := $(wildcard shim/hooks/*.c) shim/init.c
# What each start runs, and then what most programs call, on the first 64 KB: the loader reads the tables
# before it, and with a page the kernel maps its neighbours. Farther away it is a page fault more.
FIRST_SRC := $(patsubst %,shim/%.c,init settings/env hooks/symbols hooks/late hooks/fds base/span base/log \
             base/fdtable base/pool base/reserve policy/program policy/profile policy/released policy/policy \
             policy/inbound context/process context/whose context/bill context/regime carrier/stream \
             hooks/libc hooks/fd hooks/send hooks/receive hooks/out base/blocks baggage/parse baggage/format \
             baggage/merge context/snapshot context/context context/fields context/trace context/current)
# Metrics over HTTP are a program of their own.
HTTP_SRC := shim/cli/metrics_http.c
CLI_SRC  := $(filter-out $(HTTP_SRC),$(wildcard shim/cli/*.c))
TOOL_SRC := $(wildcard tests/tool/*.c)
APP_SRC  := $(wildcard tests/apps/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
obj       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all tools help deps demo test bench fuzz lint format install uninstall clean san-builds

LIBS := $(BUILD)/libbellhop.so $(BUILD)/libbellhop-settings.so $(BUILD)/libbellhop-token.so
all: $(LIBS) $(BUILD)/bellhop $(BUILD)/bellhop-metrics ## build the shim and the command

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

# The hooks are the functions that _FORTIFY_SOURCE would redefine.
$(call obj,$(SHIM_SRC)): CFLAGS += -U_FORTIFY_SOURCE

# Sanitizers look functions up before they can be called themselves.
$(call obj,$(addprefix shim/hooks/,dl.c real.c table.c symbols.c libc.c late.c fd.c fds.c make.c)): override SAN :=

$(BUILD)/libcore.a: $(call obj,$(CORE_SRC))
	rm -f $@ && $(AR) rcs $@ $^

# An anonymous map: with a named version node the hooks would never be called.
$(BUILD)/exports.map: shim/hooks/hooks.def Makefile
	@mkdir -p $(@D)
	{ echo '{ global: bellhop_api;'; sed -n 's/^HOOK([a-z]*, \(.*\))$$/\1;/p' $<; \
	  echo 'local: *; };'; } > $@

$(BUILD)/libbellhop.so: $(call obj,$(SHIM_SRC)) $(BUILD)/libcore.a $(BUILD)/exports.map
	$(CC) -shared $(LDALL) -o $@ $(call obj,$(FIRST_SRC) $(filter-out $(FIRST_SRC),$(SHIM_SRC))) $(BUILD)/libcore.a \
	    -Wl,--version-script=$(BUILD)/exports.map -Wl,-soname,libbellhop.so $(DEFS) $(START) \
	    -Wl,-Bsymbolic -Wl,-z,noseparate-code -Wl,-z,relro -Wl,-z,now -Wl,--as-needed -Wl,-O1

$(BUILD)/libbellhop-settings.so: $(call obj,$(FILE_SRC) $(STREAM_SRC)) $(BUILD)/libcore.a
	$(CC) -shared $(LDALL) -o $@ $^ -Wl,-soname,libbellhop-settings.so $(DEFS) \
	    -Wl,--exclude-libs,ALL -Wl,--as-needed -l:libconfig.a

$(BUILD)/libbellhop-token.so: $(call obj,$(TOKEN_SRC))
	$(CC) -shared $(LDALL) -o $@ $^ -Wl,-soname,libbellhop-token.so $(DEFS) \
	    -Wl,--exclude-libs,ALL -Wl,-z,now -Wl,--as-needed -l:libbearssl.a

$(BUILD)/bellhop: $(call obj,$(CLI_SRC) $(FILE_SRC) $(TOKEN_SRC)) $(BUILD)/libcore.a
	$(CC) $(LDALL) -o $@ $^ -Wl,--as-needed -lconfig -ljansson -lelf -l:libbearssl.a

$(BUILD)/bellhop-metrics: $(call obj,$(HTTP_SRC) shim/cli/client.c shim/cli/agent_socket.c \
                          shim/cli/proc.c) $(BUILD)/libcore.a
	$(CC) $(LDALL) -o $@ $^ -Wl,--as-needed -lmicrohttpd

# --- tests, benchmarks, fuzzers -------------------------------------------------------------

# One tool opens the pure C to the bats suites: `testtool AREA ...`.
$(BUILD)/testtool: $(call obj,$(TOOL_SRC) $(FILE_SRC) $(TOKEN_SRC)) $(BUILD)/libcore.a
	$(CC) $(LDALL) -o $@ $^ -lconfig -l:libbearssl.a -pthread

# A program a file; what it links is in its name: curl-*, ssl-*, gnutls-*, lib* (a shared object).
APPS := $(patsubst tests/apps/%.c,$(BUILD)/apps/%,$(filter-out tests/apps/lib%,$(APP_SRC))) \
        $(patsubst tests/apps/%.c,$(BUILD)/apps/%.so,$(filter tests/apps/lib%,$(APP_SRC)))
$(BUILD)/apps/curl-%: APPLIBS := -lcurl
$(BUILD)/apps/ssl-%: APPLIBS := -lssl -lcrypto
$(BUILD)/apps/gnutls-%: APPLIBS := -lgnutls
$(BUILD)/apps/lib%.so: tests/apps/lib%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) $(WERROR) -fPIC -shared $(LDALL) -o $@ $<
$(BUILD)/apps/%: tests/apps/%.c $(wildcard tests/apps/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) $(WERROR) $(LDALL) -o $@ $< -pthread $(APPLIBS)

$(BUILD)/bench/curl-%: BENCHLIBS := -lcurl
$(BUILD)/bench/%: tests/bench/%.c $(wildcard tests/bench/*.h) $(BUILD)/libcore.a Makefile
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) $(LDALL) -o $@ $< $(BUILD)/libcore.a -pthread $(BENCHLIBS)

tools: all $(BUILD)/testtool $(APPS) ## build what the tests use

FUZZ_CC    ?= clang
FUZZ_FLAGS := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -O1 -g
$(BUILD)/fuzz/%: tests/fuzz/%.c $(CORE_SRC) $(FILE_SRC) Makefile
	@mkdir -p $(@D)
	$(FUZZ_CC) $(CPPFLAGS) -std=gnu11 $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) -lconfig $(FUZZ_LIBS)
$(BUILD)/fuzz/elf: FUZZ_LIBS := -lelf
$(BUILD)/fuzz/elf: shim/cli/elf_file.c $(patsubst %,shim/cli/doctor_%.c,cache hooks image marks object table)

FUZZ_SECONDS ?= 60
fuzz: $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC)) ## run every fuzzer, FUZZ_SECONDS=60 each
	tests/fuzz/run $(BUILD)/fuzz $(FUZZ_SECONDS) $^

bench: all $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC)) $(BUILD)/apps/curl-chain-server ## measure against the bounds of the design
	tests/bench/run $(BUILD)

# The same tree, instrumented; suites that ask for them find them here.
san-builds: ## the sanitizer builds that the tests preload
	$(MAKE) BUILD=$(BUILD)/asan SAN=address,undefined tools
	$(MAKE) BUILD=$(BUILD)/tsan SAN=thread tools

TESTS ?= tests
test: tools san-builds ## run the suites (TESTS=tests/100-*.bats for some)
	tests/run $(BUILD) $(TESTS)

demo: all ## unmodified programs carry baggage; shows what each received
	tests/demo $(BUILD)

lint: ## format, shell, warnings with gcc and clang
	tests/lint

format: ## rewrite the C sources in the project's style
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

deps: ## install what building, testing and the demo need (Debian, Ubuntu; root)
	tests/deps

# --- installation ---------------------------------------------------------------------------

install: all ## install below DESTDIR and PREFIX
	install -d $(DESTDIR)$(LIBDIR)/bellhop $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include/bellhop \
	    $(DESTDIR)$(PREFIX)/share/doc/bellhop/examples
	install -m 755 $(LIBS) $(BUILD)/bellhop-metrics $(DESTDIR)$(LIBDIR)/bellhop/
	install -m 755 $(BUILD)/bellhop $(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/bellhop/*.h $(DESTDIR)$(PREFIX)/include/bellhop/
	install -m 644 README.md LICENSE conf/bellhop.conf $(DESTDIR)$(PREFIX)/share/doc/bellhop/
	install -m 644 conf/examples/* $(DESTDIR)$(PREFIX)/share/doc/bellhop/examples/
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,man/man1 bash-completion/completions \
	    zsh/site-functions)
	install -m 644 shim/cli/completion/bellhop.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/bellhop
	install -m 644 shim/cli/completion/_bellhop $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	$(BUILD)/bellhop --man >$(DESTDIR)$(PREFIX)/share/man/man1/bellhop.1
	for c in `$(BUILD)/bellhop --help | sed -n 's/^  \([a-z]*\) .*/\1/p'`; do \
	    $(BUILD)/bellhop --man $$c >$(DESTDIR)$(PREFIX)/share/man/man1/bellhop-$$c.1 || exit 1; done

uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(LIBDIR)/bellhop $(DESTDIR)$(PREFIX)/include/bellhop $(DESTDIR)$(PREFIX)/share/doc/bellhop
	rm -f $(DESTDIR)$(PREFIX)/bin/bellhop $(DESTDIR)$(PREFIX)/share/man/man1/bellhop.1 \
	    $(DESTDIR)$(PREFIX)/share/man/man1/bellhop-*.1 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/bellhop \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_bellhop

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
