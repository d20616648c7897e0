/* The form of a launch: the values of a recipe as somebody changes them. Texts, checked as they are
 * typed; no screen. */
#ifndef GANDER_UI_LAUNCH_FORM_H
#define GANDER_UI_LAUNCH_FORM_H

#include "record/recipe.h"
#include "run/store.h"

struct launch_value {
    char *base;  /* as the recipe has it; malloc'ed, as all here */
    char *text;  /* as it is now */
    char *error; /* why it cannot be so; NULL: it can */
};

enum { LAUNCH_SEEDS = 1000 /* runs that are started at once at most */ };

struct launch_form {
    struct launch_value values[RECIPE_FIELD_COUNT];
    bool is_filled;
    char *title;    /* "mlp.ini", "run 7" */
    char *path;     /* of the recipe file; NULL: a copy of a run, or edited */
    int64_t parent; /* the run that it copies; 0: none */
    char *name;     /* of the new run; "": none */
    char *name_error;
    int seeds;   /* runs to start */
    char *error; /* of the whole recipe that no value is to blame for; NULL: none */
};

void form_release(struct launch_form *form);

/* Fills it from a file, or from a run's recipe with the settings of all its attempts. What was there
 * is gone; after an error it is as it was. ERR_NOT_FOUND for a run that is a command. */
int form_read(struct launch_form *form, const char *path);
int form_copy_run(struct launch_form *form, const struct store *store, int64_t number);

/* Checks the value alone, then all together. */
void form_set(struct launch_form *form, int field, const char *text);
void form_reset(struct launch_form *form, int field);
void form_set_name(struct launch_form *form, const char *text);
/* "training.rate=0.1": false for what is no setting. */
bool form_apply(struct launch_form *form, const char *setting);
/* Values of an INI text that was edited; ERR_INVALID, and nothing is changed. */
int form_take_text(struct launch_form *form, const char *text, size_t size, const char *name);

bool form_is_changed(const struct launch_form *form, int field);
int form_changes(const struct launch_form *form);
bool form_is_sound(
    const struct launch_form *form); /* nothing is wrong with it, as far as is known */

/* All values as "key=value", in the arena: what recipe_parse makes a recipe of. */
const char **form_settings(const struct launch_form *form, struct arena *arena);
int form_recipe(const struct launch_form *form, struct recipe *out);

/* Gives a sentence about a recipe made of form_settings to the value that it blames, or to the whole. */
void form_blame(struct launch_form *form, const char *sentence);

#endif
