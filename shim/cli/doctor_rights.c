#include "cli/doctor_rights.h"

#include <endian.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

static void name_owner(char *out, size_t max, const char *name, unsigned id)
{
    if (name)
        snprintf(out, max, "%s", name);
    else
        snprintf(out, max, "%u", id);
}

static void read_bits(struct rights *r, const struct stat *st)
{
    if (st->st_mode & S_ISUID) {
        const struct passwd *user = getpwuid(st->st_uid);
        name_owner(r->setuid, sizeof r->setuid, user ? user->pw_name : NULL, st->st_uid);
    }
    /* Without the group's execute bit it is about locking. */
    if ((st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP)) {
        const struct group *group = getgrgid(st->st_gid);
        name_owner(r->setgid, sizeof r->setgid, group ? group->gr_name : NULL, st->st_gid);
    }
}

static void read_capabilities(struct rights *r, const char *path)
{
    struct vfs_ns_cap_data caps;
    memset(&caps, 0, sizeof caps);
    ssize_t got = getxattr(path, "security.capability", &caps, sizeof caps);
    if (got < (ssize_t)(sizeof caps.magic_etc + sizeof caps.data[0]))
        return;
    unsigned long long set = le32toh(caps.data[0].permitted) | le32toh(caps.data[0].inheritable);
    set |= (unsigned long long)(le32toh(caps.data[1].permitted) | le32toh(caps.data[1].inheritable))
           << 32;
    snprintf(r->capabilities, sizeof r->capabilities, "0x%llx", set);
}

void rights_read(struct rights *r, const char *path)
{
    struct stat st;
    struct statvfs fs;
    memset(r, 0, sizeof *r);
    if (stat(path, &st) != 0)
        return;
    read_bits(r, &st);
    read_capabilities(r, path);
    r->is_ignored = statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID);
}

bool rights_any(const struct rights *r)
{
    return !r->is_ignored && (*r->setuid || *r->setgid || *r->capabilities);
}
