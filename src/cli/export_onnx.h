/* A generator, from its network to a model of ONNX. */
#ifndef GANDER_CLI_EXPORT_ONNX_H
#define GANDER_CLI_EXPORT_ONNX_H

#include "cli/command.h"
#include "exchange/onnx.h"
#include "nn/network.h"

/* Layers and tensors of a network of `latent` inputs that makes images of height x width. The arena
 * gets copies of the tensors. */
void onnx_of_network(struct arena *arena, struct network *net, int height, int width,
                     struct onnx_model *out);

/* export --format onnx. */
enum exit_status export_onnx(struct arguments *arguments);

#endif
