/* Does what its arguments say through bellhop/baggage.h, one word after the other, and prints what
 * each call gave. It includes the header and links nothing.
 *
 *   present                 set KEY VALUE META          get KEY        remove KEY     clear
 *   current                 attach LIST                 detach         parse LIST
 *   merge STRONG WEAK       with LIST KEY VALUE META    without LIST KEY
 *   ask PORT                a GET by a plain socket
 *   thread                  the words that follow, in a thread
 * META "-": none. */
#include <arpa/inet.h>
#include <bellhop/baggage.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bellhop_token tokens[16];
static int attached;

static const char *meta_of(const char *word)
{
    return strcmp(word, "-") == 0 ? NULL : word;
}

static void show(const char *what, const struct bellhop_baggage *b)
{
    struct bellhop_member m;
    char field[BELLHOP_BYTES_MAX + 1];
    size_t len = bellhop_format(b, field, sizeof field);
    printf("%s %.*s", what, (int)len, field);
    for (size_t i = 0; bellhop_at(b, i, &m); i++)
        printf(" [%.*s|%.*s|%.*s]", (int)m.key_len, m.key, (int)m.value_len, m.value,
               (int)m.metadata_len, m.metadata);
    printf(" count=%zu\n", bellhop_count(b));
}

static void show_and_release(const char *what, struct bellhop_baggage *b)
{
    show(what, b);
    bellhop_release(b);
}

static struct bellhop_baggage *parse(const char *list)
{
    return bellhop_parse(list, strlen(list));
}

static void ask(char **w)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)atoi(w[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const char request[] = "GET /a HTTP/1.1\r\nHost: service-b\r\nConnection: close\r\n\r\n";
    char in[4096];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
        write(fd, request, sizeof request - 1) != sizeof request - 1)
        exit(1);
    while (read(fd, in, sizeof in) > 0)
        ;
    close(fd);
}

static void present(char **w)
{
    printf("%s %d\n", *w, bellhop_present());
}

static void set(char **w)
{
    printf("set %d\n", bellhop_set(w[1], w[2], strlen(w[2]), meta_of(w[3])));
}

static void get(char **w)
{
    char value[256];
    long len = bellhop_get(w[1], value, sizeof value);
    printf("get %ld %.*s\n", len, len > 0 ? (int)len : 0, value);
}

static void remove_key(char **w)
{
    printf("remove %d\n", bellhop_remove(w[1]));
}

static void clear(char **w)
{
    printf("%s %d\n", *w, bellhop_clear());
}

static void current(char **w)
{
    show_and_release(*w, bellhop_current());
}

static void attach(char **w)
{
    struct bellhop_baggage *b = parse(w[1]);
    printf("attach %d\n", bellhop_attach(b, &tokens[attached++]));
    bellhop_release(b);
}

static void detach(char **w)
{
    (void)w;
    bellhop_detach(&tokens[--attached]);
}

static void parse_word(char **w)
{
    show_and_release(*w, parse(w[1]));
}

static void merge(char **w)
{
    struct bellhop_baggage *strong = parse(w[1]), *weak = parse(w[2]);
    show_and_release(*w, bellhop_merge(strong, weak));
    bellhop_release(strong);
    bellhop_release(weak);
}

static void with(char **w)
{
    struct bellhop_baggage *b = parse(w[1]);
    show_and_release(*w, bellhop_with(b, w[2], w[3], strlen(w[3]), meta_of(w[4])));
    bellhop_release(b);
}

static void without(char **w)
{
    struct bellhop_baggage *b = parse(w[1]);
    show_and_release(*w, bellhop_without(b, w[2]));
    bellhop_release(b);
}

static void thread(char **w);

static const struct word {
    const char *name;
    int words; /* itself too */
    void (*run)(char **w);
} words[] = {
    { "ask", 2, ask },          { "present", 1, present },   { "set", 4, set },
    { "get", 2, get },          { "remove", 2, remove_key }, { "clear", 1, clear },
    { "current", 1, current },  { "attach", 2, attach },     { "detach", 1, detach },
    { "parse", 2, parse_word }, { "merge", 3, merge },       { "with", 5, with },
    { "without", 3, without },  { "thread", 1, thread },
};

static void *run(void *arg)
{
    char **w = arg;
    while (*w) {
        size_t i = 0;
        while (i < sizeof words / sizeof *words && strcmp(words[i].name, *w) != 0)
            i++;
        if (i == sizeof words / sizeof *words)
            exit(2);
        words[i].run(w);
        if (words[i].run == thread)
            break;
        w += words[i].words;
    }
    return NULL;
}

/* The rest of the words belongs to the thread. */
static void thread(char **w)
{
    pthread_t id;
    if (pthread_create(&id, NULL, run, w + 1) != 0 || pthread_join(id, NULL) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    (void)argc;
    run(argv + 1);
    return 0;
}
