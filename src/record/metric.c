#include "record/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "record/config.h"

static const struct metric_row rows[] = {
    { "d_loss", "D loss", .digits = 4, .is_chief = true,
      .help = "Loss of the discriminator, of the recipe's objective" },
    { "g_loss", "G loss", .digits = 4, .is_chief = true,
      .help = "Loss of the generator, of the recipe's objective" },
    { "reconstruction", "off", DIRECTION_SMALLER, .digits = 3,
      .help = "Mean absolute difference of what an image-to-image generator makes from the real "
              "image, pixels being in [-1, 1]" },
    { "penalty", "penalty", .digits = 4,
      .help = "What the recipe's penalty adds to the loss of the discriminator" },
    { "d_real", "D(x)", .digits = 3,
      .help = "What the discriminator makes of real images, on average" },
    { "d_fake", "D(G(z))", .digits = 3,
      .help = "What the discriminator makes of generated images, on average" },
    { "logit_real", "D(x) logit", .digits = 3,
      .help = "Mean logit of real images, before the sigmoid that makes D(x) of it" },
    { "logit_fake", "D(G) logit", .digits = 3,
      .help = "Mean logit of generated images, before the sigmoid that makes D(G(z)) of it" },
    { "d_auc", "D AUC", .digits = 3,
      .help = "Probability that the discriminator rates a real image above a generated one: 0.5 "
              "cannot tell, 1 is never wrong" },
    { "diversity", "diversity", .digits = 3,
      .help = "How far apart generated images are, of one label where it is given, over how far "
              "apart real ones are: 0 is one image again and again" },
    { "shift", "shift", .digits = 3,
      .help = "How far the mean generated image is from the mean real one, over how far apart real "
              "images are" },
    { "d_grad", "D grad", .digits = 3, .help = "Norm of the discriminator's gradient" },
    { "g_grad", "G grad", .digits = 3, .help = "Norm of the generator's gradient" },
    { "epoch", "epoch", .digits = 3,
      .help = "How often the discriminator has seen as many images as the data have" },
    { "images_per_second", "images/s", .digits = 4,
      .help = "Real images that the discriminator gets in a second of training" },

    { "frechet", "Fréchet", DIRECTION_SMALLER, .digits = 4, .is_chief = true,
      .help = "Fréchet distance of samples to real images, among the features of a classifier" },
    { "score", "score", DIRECTION_LARGER, .digits = 4, .is_chief = true,
      .help =
          "Classifier score: how sure of each sample a classifier is, and how varied they are" },
    { "classes", "classes", DIRECTION_LARGER, .digits = 4,
      .help = "Classes of the data that a classifier finds among the samples" },
    { "entropy", "entropy", DIRECTION_LARGER, .digits = 3,
      .help = "How evenly the samples are spread over the classes" },
    { "confidence", "confidence", DIRECTION_LARGER, .digits = 3,
      .help = "How sure a classifier is of the class of a sample, on average" },
    { "precision", "precision", DIRECTION_LARGER, .digits = 3,
      .help = "Share of the samples that are near to some real image" },
    { "recall", "recall", DIRECTION_LARGER, .digits = 3,
      .help = "Share of the real images that are near to some sample" },
    { "density", "density", DIRECTION_LARGER, .digits = 3,
      .help = "How many real images a sample is near to, beside how many it should be" },
    { "coverage", "coverage", DIRECTION_LARGER, .digits = 3,
      .help = "Share of the real images that have a sample near to them" },
    { "memorised", "memorised", DIRECTION_SMALLER, .digits = 3,
      .help = "Share of the samples that are nearer to a training image than half of what unseen "
              "real images are" },
    { "agreement", "agreement", DIRECTION_LARGER, .digits = 3,
      .help = "Share of a conditional generator's samples that are read as what was asked for" },
    { "variety", "variety", DIRECTION_LARGER, .digits = 3,
      .help = "How varied the samples of a class are, beside real images of that class" },

    { "use.cpu", "CPU %", .unit = METRIC_PERCENT, .digits = 3,
      .help = "Use of processors, in percent of one core" },
    { "use.memory", "memory", .unit = METRIC_BYTES, .help = "Memory in use, in bytes" },
    { "use.gpu", "GPU %", .unit = METRIC_PERCENT, .digits = 3,
      .help = "Use of the graphics card, in percent" },
    { "use.gpu_memory", "GPU memory", .unit = METRIC_BYTES,
      .help = "Memory in use on the graphics card, in bytes" },
};

const struct metric_row *metric_rows(int *count)
{
    *count = ARRAY_SIZE(rows);
    return rows;
}

const struct metric_row *metric_find(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const char *metric_label(const char *name)
{
    const struct metric_row *row = metric_find(name);
    return row ? row->label : name;
}

/* --- direction --- */

/* What a word of a name says. */
enum hint {
    HINT_NONE,
    HINT_SMALLER,
    HINT_LARGER,
    HINT_LOSS,   /* smaller is better, unless it is of a player */
    HINT_SCORE,  /* larger is better, unless it is of a player */
    HINT_PLAYER, /* of a GAN, or what they play with */
};

static const struct {
    const char *word;
    enum hint hint;
} hints[] = {
    { "loss", HINT_LOSS },          { "err", HINT_LOSS },
    { "error", HINT_LOSS },         { "fid", HINT_SMALLER },
    { "kid", HINT_SMALLER },        { "nll", HINT_SMALLER },
    { "perplexity", HINT_SMALLER }, { "ppl", HINT_SMALLER },
    { "mse", HINT_SMALLER },        { "mae", HINT_SMALLER },
    { "rmse", HINT_SMALLER },       { "lpips", HINT_SMALLER },
    { "distance", HINT_SMALLER },   { "divergence", HINT_SMALLER },
    { "acc", HINT_SCORE },          { "accuracy", HINT_SCORE },
    { "score", HINT_SCORE },        { "auc", HINT_LARGER },
    { "f1", HINT_LARGER },          { "precision", HINT_LARGER },
    { "recall", HINT_LARGER },      { "psnr", HINT_LARGER },
    { "ssim", HINT_LARGER },        { "reward", HINT_LARGER },
    { "iou", HINT_LARGER },         { "miou", HINT_LARGER },
    { "map", HINT_LARGER },         { "d", HINT_PLAYER },
    { "g", HINT_PLAYER },           { "dis", HINT_PLAYER },
    { "disc", HINT_PLAYER },        { "discriminator", HINT_PLAYER },
    { "critic", HINT_PLAYER },      { "gen", HINT_PLAYER },
    { "generator", HINT_PLAYER },   { "adv", HINT_PLAYER },
    { "adversarial", HINT_PLAYER }, { "gan", HINT_PLAYER },
    { "real", HINT_PLAYER },        { "fake", HINT_PLAYER },
    { "gp", HINT_PLAYER },          { "penalty", HINT_PLAYER },
};

/* What follows a digit may be left out of a word: "fid50k". */
static enum hint find_hint(const char *word, size_t length)
{
    enum hint found = HINT_NONE;
    for (int i = 0; i < ARRAY_SIZE(hints); i++) {
        size_t same = 0;
        while (same < length && hints[i].word[same] &&
               tolower((unsigned char)word[same]) == hints[i].word[same])
            same++;
        if (!hints[i].word[same] && same == length)
            return hints[i].hint;
        if (!hints[i].word[same] && isdigit((unsigned char)word[same]) &&
            !isdigit((unsigned char)word[same - 1]))
            found = hints[i].hint;
    }
    return found;
}

static bool is_letter(char character)
{
    return isalnum((unsigned char)character) || (unsigned char)character >= 0x80;
}

/* Bytes of a word's first part, which a change of case ends: "loss" of "lossD", "FID" of
 * "FIDRate". */
static size_t part_length(const char *word, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        bool rises = !isupper((unsigned char)word[i - 1]) && isupper((unsigned char)word[i]);
        bool falls = isupper((unsigned char)word[i - 1]) && isupper((unsigned char)word[i]) &&
                     i + 1 < length && islower((unsigned char)word[i + 1]);
        if (rises || falls)
            return i;
    }
    return length;
}

/* What a name has said so far. */
struct guess {
    enum hint last; /* that has a direction */
    bool has_player;
};

static void take_word(void *context, const char *word, size_t length)
{
    struct guess *guess = context;
    enum hint hint = find_hint(word, length);
    if (hint == HINT_PLAYER)
        guess->has_player = true;
    else if (hint != HINT_NONE)
        guess->last = hint;
}

/* Each part of each word, and each word whole: "mAP". */
static void each_word(const char *name,
                      void (*take)(void *context, const char *word, size_t length), void *context)
{
    for (const char *at = name; *at;) {
        size_t length = 0;
        while (is_letter(at[length]))
            length++;
        for (size_t used = 0, part; used < length; used += part) {
            part = part_length(at + used, length - used);
            take(context, at + used, part);
        }
        take(context, at, length);
        at += length + (at[length] != '\0');
    }
}

static enum direction guess_direction(const char *name)
{
    static const enum direction directions[] = {
        [HINT_NONE] = DIRECTION_NONE,     [HINT_SMALLER] = DIRECTION_SMALLER,
        [HINT_LARGER] = DIRECTION_LARGER, [HINT_LOSS] = DIRECTION_SMALLER,
        [HINT_SCORE] = DIRECTION_LARGER,
    };
    struct guess guess = { 0 };
    each_word(name, take_word, &guess);
    bool is_of_player = guess.has_player && (guess.last == HINT_LOSS || guess.last == HINT_SCORE);
    return is_of_player ? DIRECTION_NONE : directions[guess.last];
}

/* --- what the machine has a part in --- */

static void take_measure(void *context, const char *word, size_t length)
{
    static const char *const measures[] = { "time",    "times", "second",     "seconds",  "sec",
                                            "secs",    "ms",    "minutes",    "hours",    "eta",
                                            "elapsed", "speed", "throughput", "duration", "fps",
                                            "memory",  "mem",   "timestamp" };
    bool *is_measured = context;
    for (int i = 0; i < ARRAY_SIZE(measures); i++)
        *is_measured = *is_measured || (strlen(measures[i]) == length &&
                                        strncasecmp(measures[i], word, length) == 0);
}

bool metric_is_of_machine(const char *name)
{
    bool is_measured = strncmp(name, "use.", 4) == 0;
    each_word(name, take_measure, &is_measured);
    return is_measured;
}

enum direction metric_direction(const char *name, const struct config *config)
{
    if (config && config_list_holds(&config->metrics.smaller, name))
        return DIRECTION_SMALLER;
    if (config && config_list_holds(&config->metrics.larger, name))
        return DIRECTION_LARGER;
    const struct metric_row *row = metric_find(name);
    return row ? row->direction : guess_direction(name);
}

/* --- text --- */

static bool is_of_bytes(const char *name, const struct metric_row *row)
{
    static const char suffix[] = ".memory";
    size_t length = strlen(name);
    if (row)
        return row->unit == METRIC_BYTES;
    return length >= strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* With so many significant digits, but no fewer than stand before the point. */
static char *number_text(struct arena *arena, double value, int digits)
{
    char *text = arena_printf(arena, "%.*g", digits, value);
    double rounded = fabs(strtod(text, NULL));
    bool is_countable = rounded >= 1000 && rounded < 1e7;
    char *count = is_countable ? format_count(arena, value) : NULL;
    return count && strlen(count) <= METRIC_COLUMNS ? count : text;
}

char *metric_format(struct arena *arena, const char *name, double value)
{
    enum { USUAL_DIGITS = 4 };
    static const double most_bytes = 1e18;
    const struct metric_row *row = metric_find(name);
    if (isnan(value))
        return arena_strdup(arena, "NaN");
    if (isinf(value))
        return arena_strdup(arena, value < 0 ? "-inf" : "inf");
    if (is_of_bytes(name, row) && value >= 0 && value < most_bytes)
        return format_bytes(arena, value);
    int digits = row && row->digits > 0 ? row->digits : USUAL_DIGITS;
    char *text = number_text(arena, value + 0.0, digits); /* -0 becomes 0 */
    while (strlen(text) > METRIC_COLUMNS && digits > 1)
        text = number_text(arena, value, --digits);
    return text;
}
