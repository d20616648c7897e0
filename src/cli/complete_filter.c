/* A filter that is being typed. */
#include "complete.h"
#include "show/filter_words.h"

void complete_filter(struct completion *completion)
{
    struct filter_word *words;
    int from, count = filter_words_after(completion_catalogue(completion), &completion->arena,
                                         completion->typed, &from, &words);
    complete_from(completion, completion->typed + from);
    for (int i = 0; i < count; i++)
        offer(completion, words[i].text, words[i].help);
}
