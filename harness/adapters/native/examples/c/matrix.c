/* An exporter in C: a matrix of 2 x 3 ints.
 * cc -std=c11 -shared -fPIC -I DIRECTORY_OF_bufspec_subject.h -o libmatrix.so matrix.c
 * bufspec check --native ./libmatrix.so */
#include <stdlib.h>

#include "bufspec_subject.h"

typedef struct {
  bufspec_ssize references; /* one of whoever made it, and one of each view */
  int elements[2][3];
} matrix;

static const int elements[2][3] = {{1, 2, 3}, {4, 5, 6}};
static bufspec_ssize shape[] = {2, 3}, strides[] = {sizeof elements[0], sizeof(int)};
static bufspec_error error;

static void *make(void) {
  matrix *made = malloc(sizeof *made);
  if (made == NULL) return NULL;
  made->references = 1;
  for (int i = 0; i < 6; ++i) made->elements[i / 3][i % 3] = elements[i / 3][i % 3];
  return made;
}

static void drop(void *object) {
  matrix *self = object;
  if (--self->references == 0) free(self);
}

static int get_buffer(void *object, bufspec_buffer *view, int flags) {
  matrix *self = object;
  view->obj = NULL;
  if ((flags & BUFSPEC_F_CONTIGUOUS) == BUFSPEC_F_CONTIGUOUS || /* the rows lie one after the other */
      ((flags & BUFSPEC_FORMAT) && !(flags & BUFSPEC_ND))) { /* without dimensions a format makes no sense */
    error = BUFSPEC_BUFFER_ERROR;
    return -1;
  }
  *view = (bufspec_buffer){self->elements, self, sizeof self->elements, sizeof(int), 0, 1, NULL, NULL, NULL, NULL, NULL};
  if (flags & BUFSPEC_FORMAT) view->format = (char *)"i";
  if (flags & BUFSPEC_ND) view->ndim = 2, view->shape = shape;
  if ((flags & BUFSPEC_STRIDES) == BUFSPEC_STRIDES) view->strides = strides;
  ++self->references;
  return 0;
}

static void release(bufspec_buffer *view) { drop(view->obj); }

static bufspec_ssize references(void *object) { return ((matrix *)object)->references; }

static bufspec_error exception(void) {
  const bufspec_error taken = error;
  error = BUFSPEC_OK;
  return taken;
}

static const bufspec_exporter exporter = {
    .size = sizeof exporter, .make = make, .get_buffer = get_buffer, .release = release, .drop = drop,
    .elements = elements, .elements_len = sizeof elements, .references = references, .exception = exception};

BUFSPEC_SUBJECTS(example, BUFSPEC_EXPORTER(matrix, &exporter));
