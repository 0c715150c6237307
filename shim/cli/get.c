/* get: what a program carries now, and where each member comes from. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/proc.h"
#include "cli/record.h"
#include "policy/policy.h"
#include "settings/settings.h"

/* The sources that can be told from outside, from the strongest on (DESIGN.md 5). */
enum source { FROM_SET, FROM_THREAD, FROM_PROCESS, FROM_FLEET, FROM_ENVIRONMENT, FROM_DEFAULT };
static const char *const source_names[] = { "settings set", "thread",      "process",
                                            "all",          "environment", "settings default" };
enum { SOURCES = sizeof source_names / sizeof *source_names };

/* Text and list of each. */
struct sources {
    char text[SOURCES][LIMIT_LIST + 1];
    struct baggage list[SOURCES];
    char settings[LIMIT_CONTROL_SETTINGS];
    size_t settings_len;
    uint32_t pid, tid;
    bool off;
    struct policy *policy;
};
static struct sources all;

/* What leaves: members of the sources, and of which each is. */
static struct baggage leaving;
static enum source source_of[LIMIT_MEMBERS];

static void keep(enum source which, struct span list)
{
    if (list.len > LIMIT_LIST)
        list.len = 0;
    if (list.len)
        memcpy(all.text[which], list.at, list.len);
    baggage_init(&all.list[which]);
    baggage_parse(&all.list[which], span_make(all.text[which], list.len));
}

static void keep_settings(struct span piece)
{
    if (piece.len > sizeof all.settings - all.settings_len)
        return;
    memcpy(all.settings + all.settings_len, piece.at, piece.len);
    all.settings_len += piece.len;
}

static void take(void *unused, const struct wire_in *in)
{
    struct record r;
    struct span settings = wire_find(in, BELLHOP_TAG_SETTINGS), members;
    uint32_t tid;
    (void)unused;
    if (settings.len)
        keep_settings(settings);
    if (!record_read(&r, in))
        return;
    all.off = r.off;
    keep(FROM_PROCESS, r.members);
    keep(FROM_FLEET, r.fleet);
    for (struct span rest = in->fields; record_thread(&rest, &tid, &members);)
        if (tid == all.tid)
            keep(FROM_THREAD, members);
}

/* As the program was started with them. What it set itself since then is not to be seen. */
static void take_environment(void)
{
    static char value[LIMIT_RAW];
    if (proc_environment((pid_t)all.pid, "BAGGAGE", value, sizeof value))
        keep(FROM_ENVIRONMENT, span_of(value));
}

/* Warnings are the business of `bellhop check`. */
static void print_error(void *arg, const char *file, int line, bool is_error, const char *message)
{
    if (is_error)
        print_fault(arg, file, line, is_error, message);
}

/* Those that came by `reload`, or else the file that it was started with, as it is now. */
static int take_settings(void)
{
    char file[LIMIT_PATH];
    bool failed = false;
    if (all.settings_len)
        all.policy = bellhop_settings_load_text(SETTINGS_ABI, "the settings in force",
                                                span_make(all.settings, all.settings_len),
                                                print_error, &failed);
    else if (proc_environment((pid_t)all.pid, "BELLHOP_CONFIG", file, sizeof file) && *file)
        all.policy = bellhop_settings_load(SETTINGS_ABI, file, print_error, &failed);
    all.list[FROM_SET] = *policy_set(all.policy);
    all.list[FROM_DEFAULT] = *policy_default(all.policy);
    return failed ? EXIT_FAULT : EXIT_OK;
}

static member_set admit(enum source which)
{
    member_set set = members_of(&all.list[which]);
    for (unsigned stronger = 0; stronger < which; stronger++)
        set &= baggage_missing(&all.list[which], &all.list[stronger]);
    return set;
}

/* The strongest keep their place first; those of the weakest stand first (context.h). */
static void merge(void)
{
    member_set chosen[SOURCES];
    size_t members = 0, bytes = 0;
    for (unsigned i = 0; i < SOURCES; i++) {
        chosen[i] = baggage_fit(&all.list[i], admit((enum source)i), members, bytes);
        if (!chosen[i])
            continue;
        bytes += baggage_format_len(&all.list[i], chosen[i]) + (members > 0);
        members += members_count(chosen[i]);
    }
    baggage_init(&leaving);
    for (unsigned i = SOURCES; i-- > 0;)
        for (uint32_t m = 0; m < all.list[i].count; m++)
            if (chosen[i] >> m & 1 && baggage_add(&leaving, &all.list[i].member[m]))
                source_of[leaving.count - 1] = (enum source)i;
}

static bool judge(const char *host, member_set *may)
{
    struct target to = { .port = 0 };
    *may = MEMBERS_ALL;
    if (!host)
        return true;
    if (!url_split(span_of(host), &to) && !authority_split(span_of(host), 0, &to)) {
        say("--host '%s' is no host, host:port or URL", host);
        return false;
    }
    *may = policy_outbound(all.policy, &to, &leaving).members;
    return true;
}

static void show_table(member_set may)
{
    char value[LIMIT_LIST];
    if (all.off)
        printf("disabled: nothing leaves\n");
    for (uint32_t i = 0; i < leaving.count; i++) {
        size_t len = member_format(&leaving.member[i], value, sizeof value);
        printf("%-16s %-8s %.*s\n", source_names[source_of[i]], may >> i & 1 ? "leaves" : "stays",
               (int)len, value);
    }
}

static void show_json(member_set may)
{
    char value[LIMIT_LIST];
    size_t len = baggage_format(&leaving, all.off ? MEMBERS_NONE : may, value, sizeof value);
    json_t *members = json_array();
    for (uint32_t i = 0; i < leaving.count; i++) {
        size_t one_len = member_format(&leaving.member[i], value + len, sizeof value - len);
        json_t *as_list = members_json(span_make(value + len, one_len));
        json_t *one = json_incref(json_array_get(as_list, 0));
        json_decref(as_list);
        if (!one)
            continue;
        json_object_set_new(one, "source", json_string(source_names[source_of[i]]));
        json_object_set_new(one, "leaves", json_boolean(!all.off && may >> i & 1));
        json_array_append_new(members, one);
    }
    print_json(json_pack("{s:i, s:b, s:s%, s:o}", "pid", (int)all.pid, "enabled", !all.off,
                         "baggage", value, len, "members", members));
}

static int show(const struct asking *a)
{
    member_set may;
    take_environment();
    int status = take_settings();
    if (status != EXIT_OK)
        return status;
    merge();
    if (!judge(a->host, &may))
        status = EXIT_USAGE;
    else if (a->json)
        show_json(may);
    else
        show_table(may);
    policy_free(all.policy);
    return status;
}

static int run(int argc, char **argv)
{
    char storage[64];
    struct asking a, ask;
    struct wire_out w = wire_begin(storage, sizeof storage, BELLHOP_CONTROL_GET, 2);
    int status =
        asking_take(&a, argc, argv, ASKING_ONE | ASKING_THREAD | ASKING_JSON | ASKING_HOST);
    if (status != EXIT_OK)
        return status;
    if (optind < argc) {
        say("'%s' is too much", argv[optind]);
        return usage();
    }
    all.pid = a.pid;
    all.tid = a.tid ? a.tid : a.pid;
    ask = (struct asking){ .pid = a.pid };
    asking_put(&ask, &w);
    status = client_do(&a, wire_end(&w), -1, take, NULL, NULL);
    return status == EXIT_OK ? show(&a) : status;
}

const struct command command_get = {
    .name = "get",
    .synopsis = "--pid P [--tid T] [--host HOST] [--json]",
    .summary = "Tells what a program's next request would carry, and why",
    .help =
        "One row a member: where it comes from, and whether it leaves. Not to be seen from\n"
        "outside is what came in with the request that the program is answering, and what it\n"
        "attached itself by bellhop's interface; both are stronger than what is set here, and\n"
        "weaker than the settings' own.\n"
        "\n"
        "  --tid T            for this thread; without it, for the first one\n"
        "  --host HOST        for a request to this host, host:port or URL: the settings'\n"
        "                     outbound rules may keep members at home\n"
        "  --control SOCKET   of the agent; else BELLHOP_CONTROL, here or of P, or the default\n"
        "  --json             {\"pid\":..,\"enabled\":..,\"baggage\":..,\"members\":[..]}\n"
        "\n"
        "Exit codes: 0, 1 the agent refuses, 2 the command line is wrong, 3 no agent.\n",
    .run = run,
};
