/* An evaluation as a table and a histogram, or as JSON. */
#ifndef GANDER_CLI_PRINT_EVALUATION_H
#define GANDER_CLI_PRINT_EVALUATION_H

#include "base/json.h"
#include "gan/evaluation.h"
#include "gan/generator.h"
#include "run/measuring.h"

struct printed_evaluation {
    int64_t run, seed; /* seed of the samples' latents */
    struct generator_facts generator;
    struct measuring_facts measuring;
    struct evaluation evaluation;
};

void print_evaluation(const struct printed_evaluation *printed);
struct json *evaluation_json(const struct printed_evaluation *printed);

#endif
