#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/preload.h"

/* A script of env, for a script of env ... */
enum { SCRIPTS_OF_ENV = 4 };

struct wish {
    bool json;
    pid_t pid; /* 0: a program */
};

/* What "#!/usr/bin/env -S A=1 python3 -u" looks for in PATH; false: nothing that can be told. */
static bool env_runs(const struct program *p, char *name, size_t max)
{
    const char *slash = strrchr(p->image, '/');
    if (strcmp(p->image, p->path) == 0 || strcmp(slash ? slash + 1 : p->image, "env") != 0)
        return false;
    struct span rest = span_of(p->argument);
    while (rest.len) {
        struct span word = span_trim(span_cut(rest, ' ', &rest));
        if (word.len == 0 || *word.at == '-' || memchr(word.at, '=', word.len))
            continue;
        return snprintf(name, max, "%.*s", (int)word.len, word.at) < (int)max;
    }
    return false;
}

/* Follows scripts to the file that runs. */
static void find_program(struct report *r, const char *shim)
{
    char name[sizeof r->program.argument];
    program_examine(&r->program, r->asked, shim);
    for (int i = 0; i < SCRIPTS_OF_ENV; i++) {
        if (*r->program.path && strcmp(r->program.path, r->program.image) != 0)
            lines_add(&r->through, "%s", r->program.path);
        if (!env_runs(&r->program, name, sizeof name))
            return;
        program_examine(&r->program, name, shim);
    }
}

static int look_at_program(struct report *r, const char *shim)
{
    find_program(r, shim);
    const struct program *p = &r->program;
    const char *path = *p->image ? p->image : p->path;
    if (p->fault == PROGRAM_MISSING || p->fault == PROGRAM_CANNOT_RUN) {
        say("%s", p->why);
        return REACH_UNKNOWN;
    }
    rights_read(&r->rights, path);
    objects_init(&r->objects, getenv("LD_LIBRARY_PATH"));
    struct object *o =
        objects_add(&r->objects, path, path, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0);
    if (!o) {
        say("out of memory");
        return REACH_UNKNOWN;
    }
    /* Other C libraries look elsewhere for what a program needs. */
    if (o->has_loader && strcmp(object_libc(o), "glibc") == 0) {
        objects_close(&r->objects);
        runtime_modules(&r->objects);
        objects_close(&r->objects);
    }
    return REACH_ALL;
}

static int look_at_process(struct report *r, pid_t pid)
{
    if (!process_read(&r->process, pid)) {
        say("%s", r->process.fault);
        return REACH_UNKNOWN;
    }
    objects_init(&r->objects, NULL);
    process_objects(&r->process, &r->objects);
    if (!r->objects.count) {
        say("out of memory");
        return REACH_UNKNOWN;
    }
    rights_read(&r->rights, r->process.exe);
    return REACH_ALL;
}

static void report_free(struct report *r)
{
    objects_free(&r->objects);
    lines_free(&r->through);
    lines_free(&r->carried);
    lines_free(&r->lost);
    lines_free(&r->todo);
    lines_free(&r->notes);
}

static int examine(const struct wish *w, const char *name)
{
    static struct report r;
    char shim[PATH_MAX];
    if (!preload_find(shim, sizeof shim))
        return REACH_UNKNOWN;
    r.asked = name;
    int status = name ? look_at_program(&r, shim) : look_at_process(&r, w->pid);
    if (status == REACH_ALL) {
        verdict_make(&r);
        if (w->json)
            report_print_json(&r);
        else
            report_print(&r);
        status = (int)r.reach;
    }
    report_free(&r);
    return status;
}

static int take_pid(struct wish *w, const char *text)
{
    unsigned long pid;
    if (!span_uint(span_of(text), INT_MAX, &pid) || pid == 0) {
        say("--pid '%s' is no number of a process", text);
        return EXIT_USAGE;
    }
    w->pid = (pid_t)pid;
    return EXIT_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = { { "pid", required_argument, NULL, 'p' },
                                             { "json", no_argument, NULL, 'j' },
                                             { 0 } };
    struct wish w = { 0 };
    int status = EXIT_OK;
    for (int o; status == EXIT_OK && (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'p')
            status = take_pid(&w, optarg);
        else if (o == 'j')
            w.json = true;
        else
            return usage();
    }
    if (status == EXIT_OK && argc - optind != !w.pid) {
        say("%s",
            argc == optind ? "a program or --pid is missing" : "one program or --pid, please");
        status = EXIT_USAGE;
    }
    return status == EXIT_OK ? examine(&w, w.pid ? NULL : argv[optind]) : usage();
}

const struct command command_doctor = {
    .name = "doctor",
    .synopsis = "[--json] PROGRAM | --pid PID",
    .summary = "Says what of a program's requests can carry baggage, and what to do",
    .help =
        "Reads the files of a program and of the libraries that it needs; nothing is run. Or\n"
        "looks at a process that runs, with the libraries that it has loaded by now.\n"
        "\n"
        "  --pid PID          look at a process\n"
        "  --json             one line for programs\n"
        "\n"
        "First a table: the kind of file, libraries, what was found in them (certain: a name of\n"
        "a function, a library or a section; likely, possible: text in the file), and which of\n"
        "the functions that bellhop stands before are called. Then a sentence for each thing\n"
        "that is carried, that is not, and that can be done about it.\n"
        "\n"
        "Exit codes: 0 everything that was found can carry baggage, 1 a part of it cannot,\n"
        "2 the command line is wrong, 3 nothing can, 4 the program or process is not there, or\n"
        "may not be looked at.\n",
    .run = run,
};
