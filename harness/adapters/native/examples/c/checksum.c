/* A consumer in C: the sum of the bytes of whatever memory it is given.
 * cc -std=c11 -shared -fPIC -I DIRECTORY_OF_bufspec_subject.h -o libchecksum.so checksum.c
 * bufspec check --native ./libchecksum.so */
#include <stdlib.h>

#include "bufspec_subject.h"

static bufspec_error consume(bufspec_object *exporter, void **result) {
  bufspec_buffer view;
  if (bufspec_get_buffer(exporter, &view, BUFSPEC_SIMPLE) != 0) return BUFSPEC_BUFFER_ERROR;
  unsigned *const sum = malloc(sizeof *sum);
  if (sum != NULL) *sum = 0;
  for (bufspec_ssize i = 0; sum != NULL && i < view.len; ++i)
    *sum = *sum * 31 + ((const unsigned char *)view.buf)[i];
  bufspec_release(&view);
  *result = sum;
  return sum == NULL ? BUFSPEC_MEMORY_ERROR : BUFSPEC_OK;
}

static const void *bytes(void *result, bufspec_ssize *len) {
  *len = sizeof(unsigned);
  return result;
}

static const bufspec_consumer checksum = {
    .size = sizeof checksum, .consume = consume, .give_up = free, .bytes = bytes,
    .flags = BUFSPEC_OF_BYTES | BUFSPEC_FREE_THREADED,
    .accepts = BUFSPEC_CONTIGUOUS | BUFSPEC_ZERO_DIM | BUFSPEC_SEVERAL_DIMS | BUFSPEC_DIMENSIONS_64 | BUFSPEC_EMPTY |
               BUFSPEC_READONLY | BUFSPEC_ITEMS | BUFSPEC_STRUCTURES | BUFSPEC_BYTE_ORDER};

BUFSPEC_SUBJECTS(example, BUFSPEC_CONSUMER(checksum, &checksum));
