/* Every ceiling of the shim, in one list. All lengths are in bytes. */
#ifndef BELLHOP_BASE_LIMITS_H
#define BELLHOP_BASE_LIMITS_H

/* W3C Baggage 3.3.2: what every implementation must pass, and what we never exceed. */
#define LIMIT_MEMBERS 64
#define LIMIT_LIST    8192
/* Raw input of one list that is looked at; members beyond it are dropped (STANDARD E20). */
#define LIMIT_RAW 65536

/* Trace Context level 2: 55 today; a future version may be longer (STANDARD H26). */
#define LIMIT_TRACEPARENT 256
#define LIMIT_TRACESTATE  8192

/* Settings: a file, one outbound rule's hosts or keys, all rules together. */
#define LIMIT_SETTINGS_FILE (1 << 20)
#define LIMIT_RULES         4096
#define LIMIT_PATTERNS      65536
/* Names that rules take values from: headers, cookies and parameters. */
#define LIMIT_SOURCES 32

/* A token that is looked at, and how many values rules may take out of all tokens. */
#define LIMIT_TOKEN  8192
#define LIMIT_TOKENS 4
#define LIMIT_CLAIMS 16

/* A file that holds a secret or a key. */
#define LIMIT_SECRET_FILE 16384

/* Keys of members whose requests are counted by value. */
#define LIMIT_ATTRIBUTE_BY  4
#define LIMIT_ATTRIBUTE_KEY 48

/* One pattern of text (policy/glob.h). */
#define LIMIT_GLOB 256

/* Settings that an agent hands to running programs: the text, and the image of them
 * (policy/image.h), which stands in each program's address space twice, and once more for each that
 * is in use. */
#define LIMIT_CONTROL_SETTINGS (256 << 10)
#define LIMIT_IMAGE            (1 << 20)

/* One line of the log; longer ones are cut. */
#define LIMIT_LOG_LINE 512
#define LIMIT_PATH     4096

/* A program's own header list that we are ready to copy: entries. */
#define LIMIT_CURL_LIST 4096

#endif
