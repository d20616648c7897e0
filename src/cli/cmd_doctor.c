#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "draw/terminal.h"
#include "folded.h"
#include "json_out.h"
#include "run/doctor.h"

static const struct command_option options[] = {
    { 0, "deep", NULL,
      "Read every checkpoint, every pinned tree and all of the catalogue, too: slow.", false },
    { 'q', "quiet", NULL, "Leave out what is as it should be.", false },
    { 0, "json", NULL, "Print a JSON array.", false },
};

/* --- the terminal --- */

static const char *colours_text(enum colour_depth depth)
{
    static const char *const texts[] = { [COLOUR_NONE] = "no colours",
                                         [COLOUR_16] = "16 colours",
                                         [COLOUR_256] = "256 colours",
                                         [COLOUR_TRUE] = "16 million colours" };
    return texts[depth];
}

static void examine_terminal(struct doctor *doctor)
{
    enum { NARROW = 80, LOW = 24 };
    struct arena *arena = &doctor->arena;
    struct terminal terminal;
    const char *name = getenv("TERM"), *tmux = getenv("TMUX");
    terminal_probe(&terminal, stdout);
    if (!terminal.is_terminal) {
        doctor_add(doctor, DOCTOR_OK, "terminal", "standard output is none", NULL);
        return;
    }
    bool is_small = terminal.columns < NARROW || terminal.rows < LOW;
    const char *found =
        arena_printf(arena, "%s%s, %d x %d, %s, %s", name && *name ? name : "TERM is not set",
                     tmux && *tmux ? " in tmux" : "", terminal.columns, terminal.rows,
                     colours_text(terminal.colours), terminal.utf8 ? "UTF-8" : "ASCII");
    const char *todo = !terminal.moves ? "export TERM=xterm-256color, or as your terminal is called"
                       : is_small      ? "make it 80 x 24 at least"
                                       : NULL;
    doctor_add(doctor, todo ? DOCTOR_NOTE : DOCTOR_OK, "terminal", found, todo);
}

/* --- printing --- */

static void print_json(const struct doctor *doctor)
{
    struct json *list = json_new_array();
    for (int i = 0; i < doctor->count; i++) {
        const struct doctor_finding *finding = &doctor->findings[i];
        struct json *object = json_new_object();
        json_set_string(object, "sign", doctor_sign_name(finding->sign));
        json_set_string(object, "topic", finding->topic);
        json_set_string(object, "found", finding->found);
        json_set_string(object, "todo", finding->todo);
        json_push(list, object);
    }
    json_put_out(list);
}

/* What to do is left on one line: it may be a command to copy. */
static void print_finding(struct arena *arena, const struct terminal *terminal,
                          const struct doctor_finding *finding)
{
    enum { SIGN = 9, TOPIC = 13, LONGEST = 4000 };
    printf("%-*s%-*s", SIGN, doctor_sign_name(finding->sign), TOPIC, finding->topic);
    folded_print(terminal, SIGN + TOPIC, SIGN + TOPIC, text_clean(arena, finding->found, LONGEST));
    if (finding->todo)
        printf("%*s%s\n", SIGN + TOPIC, "-> ", text_clean(arena, finding->todo, LONGEST));
}

static void print_findings(struct doctor *doctor, bool is_quiet)
{
    struct arena *arena = &doctor->arena;
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    int problems = doctor_count(doctor, DOCTOR_PROBLEM), notes = doctor_count(doctor, DOCTOR_NOTE);
    for (int i = 0; i < doctor->count; i++)
        if (!is_quiet || doctor->findings[i].sign != DOCTOR_OK)
            print_finding(arena, &terminal, &doctor->findings[i]);
    if (!is_quiet || problems + notes > 0)
        printf("%d problem%s, %d note%s\n", problems, problems == 1 ? "" : "s", notes,
               notes == 1 ? "" : "s");
}

static enum exit_status run(struct arguments *arguments)
{
    struct doctor doctor;
    /* GANDER_ROOT, so that tests need not depend on how this machine treats those who log out */
    doctor_begin(&doctor, &(struct doctor_wish){ .directory = option_text(arguments, "store"),
                                                 .root = getenv("GANDER_ROOT"),
                                                 .now = present_time(),
                                                 .is_deep = option_given(arguments, "deep") });
    examine_terminal(&doctor);
    doctor_examine(&doctor);
    if (option_given(arguments, "json"))
        print_json(&doctor);
    else
        print_findings(&doctor, option_given(arguments, "quiet"));
    enum exit_status status =
        doctor_count(&doctor, DOCTOR_PROBLEM) > 0 ? STATUS_FAILED : STATUS_DONE;
    doctor_end(&doctor);
    return status;
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "Look for what is wrong, and say what to do",
    .operands = "",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .run = run,
    .details =
        "Look over the terminal, the program and its libraries, the store, its locks and settings, "
        "the catalogue, all runs and their pinned code, and say of each whether it is 'ok', worth "
        "a 'note' or a 'problem'; below what is wrong stands what to do. Nothing is repaired and "
        "nothing changed. It tells, too, whether logging out will end what runs in the "
        "background.\n\n"
        "The exit status is 0 when there is no problem, else 1.",
};
