/* libconfig is linked into the settings reader: as a library of its own, its calls, and ours to it,
 * would go to whatever the program exports under the same names (lighttpd's config_init). Its
 * archive is made for programs, though, and wants stdio's streams beside it. What the reader uses
 * of it names them only as a default that it never takes, and to say, before it ends the process,
 * that there is no memory for a buffer. */
#define OURS __attribute__((visibility("hidden")))

extern void *stdin OURS, *stdout OURS, *stderr OURS;
void *stdin, *stdout, *stderr;
