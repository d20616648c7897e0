/* Purposes of random numbers, each with a stream of its own from the recipe's seed, so that what
 * one of them takes moves no other. Numbers are part of what a seed means: never change them. */
#ifndef GANDER_GAN_STREAMS_H
#define GANDER_GAN_STREAMS_H

enum stream {
    STREAM_GENERATOR_WEIGHTS = 1,
    STREAM_DISCRIMINATOR_WEIGHTS,
    STREAM_ORDER,   /* of the training images */
    STREAM_LATENTS, /* of training */
    STREAM_LABELS,  /* of fakes */
    STREAM_NOISE,   /* on D's inputs */
    STREAM_MIXING,  /* points between real and fake, for the gradient penalty */
    STREAM_GENERATOR_DROPOUT,
    STREAM_DISCRIMINATOR_DROPOUT,
    STREAM_SAMPLES,    /* fixed latents of sample sheets and drawn images */
    STREAM_STATISTICS, /* fixed latents that norm statistics are estimated from */
    STREAM_DIRECTIONS, /* of a walk through latent space */
    STREAM_CLASSIFIER_WEIGHTS,
    STREAM_SHIFTS,     /* of the classifier's images */
    STREAM_EVALUATION, /* latents of the samples that are measured, and which real images */
    STREAM_CORRUPTION, /* which one each real image gets */
    STREAM_SEARCH,     /* latents that a search begins with */
};

#endif
