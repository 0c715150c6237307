/* start COUNT OBJECT...: the median time to start and end /bin/true with each object preloaded
 * ("-": none), taken in turns. Prints a line an object: microseconds. */
#include <spawn.h>
#include <sys/wait.h>

#include "bench.h"

static double start(const char *object)
{
    char preload[4096];
    char program[] = "/bin/true";
    char *argv[] = { program, NULL }, *env[] = { preload, NULL };
    pid_t pid;
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", strcmp(object, "-") == 0 ? "" : object);
    double from = clock_ns(CLOCK_MONOTONIC);
    if (posix_spawn(&pid, argv[0], NULL, NULL, argv, env) != 0 || waitpid(pid, NULL, 0) < 0)
        exit(1);
    return (clock_ns(CLOCK_MONOTONIC) - from) / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[1]) : 0, objects = argc - 2;
    if (count <= 0)
        return 2;
    double *took = calloc((size_t)count * (size_t)objects, sizeof *took);
    for (int i = 0; took && i < count; i++)
        for (int o = 0; o < objects; o++)
            took[o * count + i] = start(argv[o + 2]);
    for (int o = 0; took && o < objects; o++) {
        qsort(took + o * count, (size_t)count, sizeof *took, compare);
        printf("%.2f\n", took[o * count + count / 2]);
    }
    free(took);
    return 0;
}
