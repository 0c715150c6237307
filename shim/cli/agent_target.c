/* Who is meant by a request, and who may ask for it. */
#include <fnmatch.h>
#include <unistd.h>

#include "cli/agent_serve.h"

bool may_order_fleet(const struct client *c)
{
    return c->uid == 0 || c->uid == geteuid();
}

bool may_order(const struct client *c, const struct process *p)
{
    return c->uid == 0 || c->uid == p->uid;
}

bool recipients_read(const struct wire_in *in, struct recipients *t)
{
    uint32_t pid = 0, tid = 0;
    struct span exe = wire_find(in, BELLHOP_TAG_EXE);
    *t = (struct recipients){ .all = wire_find(in, BELLHOP_TAG_ALL).at != NULL };
    wire_u32(in, BELLHOP_TAG_PID, &pid);
    wire_u32(in, BELLHOP_TAG_TID, &tid);
    t->pid = (pid_t)pid;
    t->tid = (pid_t)tid;
    if (exe.len && exe.len < sizeof t->exe && !memchr(exe.at, 0, exe.len))
        memcpy(t->exe, exe.at, exe.len);
    int kinds = t->all + (t->pid > 0) + (*t->exe != 0);
    return kinds == 1 && (t->tid == 0 || t->pid > 0);
}

bool recipients_include(const struct recipients *t, const struct process *p)
{
    const char *slash = p->exe ? strrchr(p->exe, '/') : NULL;
    if (t->pid)
        return p->pid == t->pid;
    if (t->all)
        return true;
    if (!p->exe)
        return false;
    return fnmatch(t->exe, strchr(t->exe, '/') || !slash ? p->exe : slash + 1, 0) == 0;
}

static const char *const errors[] = {
    [BELLHOP_ERROR_MALFORMED] = "the request lacks something, or says what cannot be",
    [BELLHOP_ERROR_DENIED] = "that is for its own user and root only",
    [BELLHOP_ERROR_NO_PROCESS] = "no process of that description is attached",
    [BELLHOP_ERROR_NO_THREAD] = "the process has no such thread",
    [BELLHOP_ERROR_LIMIT] = "that goes over a limit: 64 members or 8192 bytes of a list, or 32 "
                            "threads of a process with members of their own",
    [BELLHOP_ERROR_SETTINGS] = "the settings are no sealed memfd, or too long",
    [BELLHOP_ERROR_FAILED] = "the agent could not: no memory, or no descriptors",
};

void refuse(struct client *c, const struct wire_in *in, int error)
{
    client_error(c, in->id, error, errors[error]);
}
