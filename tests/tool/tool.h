/* The test tool: pure C, opened to the bats suites. One file an area, one entry each in main.c. */
#ifndef BELLHOP_TESTS_TOOL_H
#define BELLHOP_TESTS_TOOL_H

int tool_baggage(int argc, char **argv);
int tool_control(int argc, char **argv);
int tool_image(int argc, char **argv);
int tool_http(int argc, char **argv);
int tool_inlet(int argc, char **argv);
int tool_many(int argc, char **argv);
int tool_line(int argc, char **argv);
int tool_policy(int argc, char **argv);
int tool_sender(int argc, char **argv);
int tool_session(int argc, char **argv);
int tool_settings(int argc, char **argv);
int tool_rules(int argc, char **argv);
int tool_whose(int argc, char **argv);

/* Parts of areas. */
struct policy;
const struct policy *tool_policy_by_image(const char *file);
int tool_overlay_litmus(int readers, long changes);
int tool_overlay_killed(int times);
int tool_guest(const char *socket);
int tool_crowd(const char *socket, int count);

#endif
