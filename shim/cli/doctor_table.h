/* The rows behind doctor_marks.h. */
#ifndef BELLHOP_CLI_DOCTOR_TABLE_H
#define BELLHOP_CLI_DOCTOR_TABLE_H

#include "cli/doctor_marks.h"

extern const struct mark marks[];
extern const size_t marks_known;

#endif
