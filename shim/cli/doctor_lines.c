#include "cli/doctor_lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct lines *l, const char *line)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->at[i], line) == 0)
            return true;
    return false;
}

void lines_add(struct lines *l, const char *format, ...)
{
    char *line = NULL, **more = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        line = NULL;
    va_end(args);
    if (line && !has(l, line))
        more = realloc(l->at, (l->count + 1) * sizeof *more);
    if (!more) {
        free(line);
        return;
    }
    l->at = more;
    l->at[l->count++] = line;
}

char *lines_join(const struct lines *l, size_t most)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    size_t shown = l->count <= most + 1 ? l->count : most; /* "and 1 more" is not shorter */
    for (size_t i = 0; i < shown; i++)
        fprintf(out, "%s%s",
                i == 0                                ? ""
                : i + 1 == shown && shown == l->count ? " and "
                                                      : ", ",
                l->at[i]);
    if (shown < l->count)
        fprintf(out, " and %zu more", l->count - shown);
    return fclose(out) == 0 ? text : NULL;
}

void lines_free(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->at[i]);
    free(l->at);
    *l = (struct lines){ 0 };
}
