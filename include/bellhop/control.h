/* The control protocol of bellhop: between the agent and those who give orders, and between the
 * agent and the processes that attach.
 *
 * 1. The socket
 *
 *    A Unix socket of type SOCK_SEQPACKET, so a message is one datagram: it comes whole or not at
 *    all. By default it is $XDG_RUNTIME_DIR/bellhop.sock, for root /run/bellhop/bellhop.sock.
 *    Who connects is what the kernel says (SO_PEERCRED); no message names its sender. Clients
 *    likewise ask the kernel who listens, and talk to their own user and to root only.
 *
 * 2. Messages
 *
 *    A message is struct bellhop_control_head and then fields, to its end. `length` counts all of
 *    it. A field is struct bellhop_control_field and `length` bytes, without padding. Numbers are
 *    the machine's own; numbers in fields have 4 or 8 bytes. Text is without a NUL. A tag may come
 *    several times where this text says so; otherwise the last one counts. Fields that are not
 *    known are passed over.
 *
 *    The request's `id` is the client's choice; every answer to it bears it. A client may send
 *    the next request before the last one was answered; they are answered in order.
 *
 *    A request is answered by any number of RECORDs or TEXTs and then exactly one END or ERROR;
 *    HELLO by WELCOME or ERROR, ATTACH by PAGES or ERROR. After an ERROR of the codes VERSION and
 *    MALFORMED the agent closes the connection; after any other it goes on.
 *
 * 3. HELLO
 *
 *    The first message is HELLO or ATTACH. Its `version` is that of the client. An agent that does
 *    not speak it says ERROR VERSION, with its own version in the head. WELCOME has the PID of the
 *    agent and its VERSION as text.
 *
 * 4. Orders
 *
 *    SET      MEMBERS, TARGET    adds members; those of the same key are replaced, all at once
 *    UNSET    KEY..., TARGET     removes them
 *    CLEAR    TARGET             removes all; of a process, also its threads'
 *    DISABLE  TARGET             these processes carry nothing, from now on
 *    ENABLE   TARGET             they do again
 *    RELOAD                      hands the text of a settings file to all processes: a descriptor
 *                                of a sealed memfd comes with it. See 7
 *
 *    TARGET is one of PID; PID and TID; EXE, a pattern as of fnmatch(3) for the path of the
 * program, or for its last part if the pattern has no slash; ALL. MEMBERS is a baggage list as in
 * the header. END says COUNT, the processes that the order is for; an order for none but ALL is an
 *    ERROR. When END is there, the next request that any of these processes makes goes by it.
 *
 *    ALL means the fleet: processes that come later, too. What is set for the fleet gives way to
 *    what is set for a process, and this to what is set for a thread. UNSET, CLEAR and ENABLE of
 *    ALL reach what is set for single processes and threads as well. A process that attaches begins
 *    with the members of the nearest ancestor that is attached, as it would with its environment.
 *
 *    An order for a process may come from its own user and from root. Orders for the fleet and
 *    RELOAD may come from the agent's user and from root; from others, ALL means their own
 * processes that are attached now.
 *
 * 5. Questions
 *
 *    PS       [TARGET]  a RECORD for each process (of those that the asker may give orders to):
 *                       PID, UID, EXE, AGE, OFF, ATTACHED, RULES, GENERATION, COUNTERS, MEMBERS
 *                       and, for each thread with members of its own, THREAD
 *    GET      TARGET    the same, each with FLEET, the fleet's members; then RECORDs with pieces of
 *                       SETTINGS, the text that RELOAD brought, if any
 *    METRICS            TEXT pieces that make a document in the OpenMetrics format; for the agent's
 *                       user and root
 *
 * 6. Attaching
 *
 *    ATTACH has no fields. PAGES comes with two descriptors, of sealed memfds: the fleet's page and
 *    the process's own (shim/base/pages.h). The process is the one that connected: it cannot
 *    attach for another, and if its number has gone to another user's process since, the answer is
 *    an ERROR. The agent learns of its end from the kernel. A process that attaches again (it runs
 *    another program, or lost its agent) gets new pages, and the old ones are forgotten.
 *
 * 7. Settings
 *
 *    What RELOAD brings is read by the agent, which says ERROR SETTINGS, and changes nothing, if it
 *    has an error or is too large. Else it stands in the fleet's page as an image of what it means
 *    (shim/policy/image.h), with a generation, that is, a number that no other settings have. When
 *    END is there, every process that attached or attaches goes by it from the next request on that
 *    it makes or reads: it takes the image over as a whole, and checks it as a stranger's. Each
 *    request goes by one of the two from its first byte to its last (with libcurl before 7.80, a
 *    transfer with all its redirects), and one that is being served is judged anew, by what was
 *    kept of it. What stands for something of the program (${pid}, ${NAME} of the environment that
 *    it was started with) is expanded there; so are patterns of programs. A fork child goes by its
 *    parent's ${pid} until the next ones. It stands in the place of the file that BELLHOP_CONFIG
 *    names. A child has its parent's until it attaches, which it does when it connects, accepts,
 *    waits or begins a transfer; a program that is started has the newest. When the agent dies,
 *    all keep theirs.
 *
 *    A process that cannot have them keeps those before as a whole, counts that, and says why in
 *    its page; PS tells it as RULES:
 *      FOREIGN    it runs another version of the library
 *      BROKEN     the image is nothing that an agent writes
 *      LARGE      `set` and `default` are over the limits, with the values of this process
 *      VERIFIER   there are tokens to verify, and the settings that it was started with had none
 *      WITHHELD   they hold a secret out of a file (`salt_file`, or `key_file` of HS256 to HS512),
 *                 and it is of another user than the agent
 *      CROWDED    requests under eight former ones are still going on; it tries again
 *      MEMORY     there is none; it tries again
 *
 * 8. Limits
 *
 *    What is longer than BELLHOP_CONTROL_MESSAGE, members over the limits of a baggage list, more
 *    threads of a process with members than BELLHOP_CONTROL_THREADS: ERROR LIMIT. An agent closes
 *    a connection that has said nothing for BELLHOP_CONTROL_IDLE seconds, and the oldest one of
 *    a user who has too many. It keeps no more than one connection's answers in memory. */
#ifndef BELLHOP_CONTROL_H
#define BELLHOP_CONTROL_H

#include <stdint.h>

#define BELLHOP_CONTROL_VERSION 1
#define BELLHOP_CONTROL_MESSAGE 65536 /* bytes of a message at most */
#define BELLHOP_CONTROL_THREADS 32
#define BELLHOP_CONTROL_IDLE    30

struct bellhop_control_head {
    uint32_t length; /* of the message, this head included */
    uint16_t version;
    uint16_t type;
    uint32_t id;
    uint32_t zero; /* for later; not looked at */
};

struct bellhop_control_field {
    uint16_t tag;
    uint16_t length; /* of what follows */
};

enum bellhop_control_type {
    BELLHOP_CONTROL_HELLO = 1,
    BELLHOP_CONTROL_ATTACH,
    BELLHOP_CONTROL_SET,
    BELLHOP_CONTROL_UNSET,
    BELLHOP_CONTROL_CLEAR,
    BELLHOP_CONTROL_ENABLE,
    BELLHOP_CONTROL_DISABLE,
    BELLHOP_CONTROL_GET,
    BELLHOP_CONTROL_PS,
    BELLHOP_CONTROL_METRICS,
    BELLHOP_CONTROL_RELOAD,

    BELLHOP_CONTROL_WELCOME = 64,
    BELLHOP_CONTROL_PAGES,
    BELLHOP_CONTROL_RECORD,
    BELLHOP_CONTROL_TEXT,
    BELLHOP_CONTROL_END,
    BELLHOP_CONTROL_ERROR,
};

enum bellhop_control_tag {
    BELLHOP_TAG_PID = 1,  /* 4 bytes */
    BELLHOP_TAG_TID,      /* 4 bytes */
    BELLHOP_TAG_UID,      /* 4 bytes */
    BELLHOP_TAG_EXE,      /* text: a pattern, or a path */
    BELLHOP_TAG_ALL,      /* nothing */
    BELLHOP_TAG_MEMBERS,  /* text: a baggage list */
    BELLHOP_TAG_KEY,      /* text; may come several times */
    BELLHOP_TAG_THREAD,   /* 4 bytes tid, then a baggage list; may come several times */
    BELLHOP_TAG_FLEET,    /* text: a baggage list */
    BELLHOP_TAG_SETTINGS, /* text, or a piece of it */
    BELLHOP_TAG_AGE,      /* 8 bytes: milliseconds since it attached */
    BELLHOP_TAG_ATTACHED, /* 4 bytes: 0: known from before the agent's own start, not seen since */
    BELLHOP_TAG_OFF,      /* 4 bytes: 1: it carries nothing */
    BELLHOP_TAG_COUNTERS, /* for each that is not zero: 4 bytes number, 8 bytes value */
    BELLHOP_TAG_COUNT,    /* 4 bytes */
    BELLHOP_TAG_TEXT,     /* text */
    BELLHOP_TAG_CODE,     /* 4 bytes: enum bellhop_control_error */
    BELLHOP_TAG_MESSAGE,  /* text: a sentence for people */
    BELLHOP_TAG_VERSION,  /* text */
    BELLHOP_TAG_RULES,    /* 4 bytes: enum bellhop_control_rules */
    BELLHOP_TAG_GENERATION, /* 8 bytes: of the settings that it goes by; 0: those of its start */
};

/* Whether a process goes by the settings that RELOAD brought. */
enum bellhop_control_rules {
    BELLHOP_RULES_START,   /* there are none, and it goes by those of its start */
    BELLHOP_RULES_FORMER,  /* there are none, and it goes by those of an agent before */
    BELLHOP_RULES_CURRENT, /* yes */
    BELLHOP_RULES_NEXT,    /* from its next request on */
    BELLHOP_RULES_FOREIGN, /* no: see 7 */
    BELLHOP_RULES_BROKEN,
    BELLHOP_RULES_LARGE,
    BELLHOP_RULES_VERIFIER,
    BELLHOP_RULES_WITHHELD,
    BELLHOP_RULES_CROWDED,
    BELLHOP_RULES_MEMORY,
};

enum bellhop_control_error {
    BELLHOP_ERROR_VERSION = 1,
    BELLHOP_ERROR_MALFORMED,
    BELLHOP_ERROR_DENIED,
    BELLHOP_ERROR_NO_PROCESS,
    BELLHOP_ERROR_NO_THREAD,
    BELLHOP_ERROR_LIMIT,
    BELLHOP_ERROR_SETTINGS,
    BELLHOP_ERROR_FAILED, /* the agent could not: no memory, no descriptors */
};

#endif
