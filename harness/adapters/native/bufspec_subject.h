// How does a shared library say what bufspec can judge, in any language that has the calls of C?
//
// A library exports one symbol, bufspec_subjects, which returns a table of subjects.  Each is one of these:
//   exporter   objects of the library that answer requests for buffers: bufspec_exporter
//   consumer   a call of the library that is given an object of ours and uses its memory: bufspec_consumer
//   functions  the library functions of the buffer API, as an interpreter has them: bufspec_functions
//
// What is not there stays NULL, or 0: then bufspec cannot observe it, and skips the rules that need it, with that reason.
// bufspec calls one subject from one thread at a time, unless it says BUFSPEC_FREE_THREADED.  C11 and later, C++11 and later.
// Nothing is linked: this file is all that a library needs.  README.md, in the same folder as this file, has the examples.
#ifndef BUFSPEC_SUBJECT_H
#define BUFSPEC_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

/* The version of what is declared here.  A later minor one has more members at the end of a struct, which says its size: a library of any
 * minor version is judged by a bufspec of any other. */
#define BUFSPEC_SUBJECT_VERSION 1u
#define BUFSPEC_SUBJECT_MINOR 1u
#define BUFSPEC_SUBJECT_MAGIC 0x62756673u /* "bufs" */

#ifdef __cplusplus
#define BUFSPEC_STATIC_ASSERT static_assert
#define BUFSPEC_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define BUFSPEC_STATIC_ASSERT _Static_assert
#define BUFSPEC_EXPORT __attribute__((visibility("default")))
#endif

typedef ptrdiff_t bufspec_ssize; /* Py_ssize_t */

/* Py_buffer, field for field. */
typedef struct bufspec_buffer {
  void* buf;
  void* obj;
  bufspec_ssize len;
  bufspec_ssize itemsize;
  int readonly;
  int ndim;
  char* format;
  bufspec_ssize* shape;
  bufspec_ssize* strides;
  bufspec_ssize* suboffsets;
  void* internal;
} bufspec_buffer;

/* The words of a request, as Python's documentation has them: PyBUF_SIMPLE is BUFSPEC_SIMPLE. */
enum {
  BUFSPEC_SIMPLE = 0,
  BUFSPEC_WRITABLE = 0x001,
  BUFSPEC_FORMAT = 0x004,
  BUFSPEC_ND = 0x008,
  BUFSPEC_STRIDES = 0x010 | BUFSPEC_ND,
  BUFSPEC_C_CONTIGUOUS = 0x020 | BUFSPEC_STRIDES,
  BUFSPEC_F_CONTIGUOUS = 0x040 | BUFSPEC_STRIDES,
  BUFSPEC_ANY_CONTIGUOUS = 0x080 | BUFSPEC_STRIDES,
  BUFSPEC_INDIRECT = 0x100 | BUFSPEC_STRIDES,
  BUFSPEC_READ = 0x100,
  BUFSPEC_WRITE = 0x200,
  BUFSPEC_FULL_RO = BUFSPEC_INDIRECT | BUFSPEC_FORMAT,
  BUFSPEC_FULL = BUFSPEC_FULL_RO | BUFSPEC_WRITABLE
};

/* What a call reports where Python raises an exception. */
typedef enum bufspec_error {
  BUFSPEC_OK = 0,
  BUFSPEC_BUFFER_ERROR = 1,
  BUFSPEC_TYPE_ERROR = 2,
  BUFSPEC_VALUE_ERROR = 3,
  BUFSPEC_INDEX_ERROR = 4,
  BUFSPEC_NOT_IMPLEMENTED_ERROR = 5,
  BUFSPEC_SYSTEM_ERROR = 6,
  BUFSPEC_STRUCT_ERROR = 7,
  BUFSPEC_UNICODE_ENCODE_ERROR = 8,
  BUFSPEC_OVERFLOW_ERROR = 9,
  BUFSPEC_MEMORY_ERROR = 10,
  BUFSPEC_OTHER_ERROR = 11
} bufspec_error;

/* The members `flags` of a subject. */
enum {
  BUFSPEC_IS_READONLY = 1u, /* exporter: never to be written */
  BUFSPEC_IS_VOLATILE = 2u, /* exporter: others may change the memory at any time */
  BUFSPEC_FREE_THREADED = 4u, /* exporter, consumer: several threads may call it at once */
  BUFSPEC_HAS_FALLBACK = 8u, /* consumer: it is documented to do without the memory where all requests are refused */
  BUFSPEC_NOT_REENTRANT = 16u, /* consumer: it must not be called while it works */
  BUFSPEC_OF_BYTES = 32u /* consumer: its results do not show the elements, but something that they decide */
};

/* The memory that `build` is asked for.  Element (i, j, ...) begins at `offset + i * strides[0] + j * strides[1] + ...`
 * bytes of `memory`; an object that exports a copy of `memory` so exports right.  All of it is bufspec's, and lives as long as
 * the call. */
typedef struct bufspec_layout {
  const char* format;
  bufspec_ssize itemsize;
  int ndim;
  int readonly;
  const bufspec_ssize* shape; /* `ndim` extents */
  const bufspec_ssize* strides; /* NULL: the elements lie in C order */
  const bufspec_ssize*
      suboffsets; /* NULL: no pointers are followed.  Else `memory` is NULL: build it from `elements` */
  bufspec_ssize offset;
  const void* memory;
  bufspec_ssize memory_len;
  const void* elements; /* in C order */
  bufspec_ssize elements_len;
} bufspec_layout;

/* What may be done to an object that resizes, closes or moves its memory. */
typedef struct bufspec_operation {
  const char* name; /* lower case: "resize" */
  bufspec_error (*run)(void* object);
} bufspec_operation;

/* Objects that answer requests.  An object is whatever pointer `make` returns. */
typedef struct bufspec_exporter {
  size_t size; /* sizeof(bufspec_exporter) */
  uint32_t flags; /* BUFSPEC_IS_READONLY, BUFSPEC_IS_VOLATILE, BUFSPEC_FREE_THREADED */
  uint32_t runtime; /* PY_VERSION_HEX of the interpreter whose rules hold for it; 0: none */

  /* These four are needed. */
  void* (*make)(void); /* a new object, and one reference to it; NULL: there is none */
  /* As PyObject_GetBuffer: fills the view, view->obj too, and returns 0; or returns -1 with view->obj NULL. */
  int (*get_buffer)(void* object, bufspec_buffer* view, int flags);
  /* Gives a view back, with its reference to view->obj, which bufspec then sets to NULL. */
  void (*release)(bufspec_buffer* view);
  void (*drop)(void* object); /* gives up the reference of `make`; views keep what they need */

  /* The elements of each object of `make`, in C order. */
  const void* elements;
  bufspec_ssize elements_len;
  /* An object of this layout; NULL for one that it does not build. */
  void* (*build)(const bufspec_layout* layout);
  const bufspec_operation* operations;
  size_t operation_count;
  /* References to the object: those of its views, and that of `make`. */
  bufspec_ssize (*references)(void* object);
  /* The error that the last call of the library left set, which is then set no more; and setting one, as code does that unwinds. */
  bufspec_error (*exception)(void);
  void (*set_exception)(bufspec_error error);
  /* As the type's own slot bf_getbuffer, where get_buffer adds something to it. */
  int (*get_buffer_slot)(void* object, bufspec_buffer* view, int flags);
  /* Whether a pointer is an object of the library: `view->obj` need not be the object that was asked. */
  int (*is_object)(const void* pointer);
  /* Runs the garbage collector. */
  void (*collect)(void);
  /* Calls `inside(context)` from the middle of a use of the object. */
  void (*use)(void* object, void (*inside)(void* context), void* context);
} bufspec_exporter;

/* The objects that a consumer, or a function, is given.  They are bufspec's; libraries may make some of their own. */
typedef struct bufspec_object bufspec_object;
typedef struct bufspec_type {
  /* bf_getbuffer; NULL: no exporter. */
  int (*get_buffer)(bufspec_object* self, bufspec_buffer* view, int flags);
  /* bf_releasebuffer; may be NULL. */
  void (*release_buffer)(bufspec_object* self, bufspec_buffer* view);
  bufspec_error (*exception)(void); /* why the last request was refused; may be NULL */
  /* For parse_argument: the UTF-8 of a text, NULL where it has none. */
  const char* (*utf8)(bufspec_object* self, bufspec_ssize* len);
  int kind; /* BUFSPEC_IS_OBJECT, BUFSPEC_IS_TEXT or BUFSPEC_IS_NONE */
} bufspec_type;
enum { BUFSPEC_IS_OBJECT = 0, BUFSPEC_IS_TEXT = 1, BUFSPEC_IS_NONE = 2 };
struct bufspec_object {
  const bufspec_type* type;
  bufspec_ssize references;
};

/* What a consumer does with the memory. */
enum { BUFSPEC_READS = 0, BUFSPEC_FILLS = 1, BUFSPEC_KEEPS = 2 };

/* What a consumer is documented to accept: a memory that takes no more must be accepted.  0: refusing is always fine. */
enum {
  BUFSPEC_CONTIGUOUS = 1u,
  BUFSPEC_FORTRAN = 2u,
  BUFSPEC_STRIDED = 4u,
  BUFSPEC_INDIRECT_MEMORY = 8u,
  BUFSPEC_ZERO_DIM = 16u,
  BUFSPEC_SEVERAL_DIMS = 32u,
  BUFSPEC_DIMENSIONS_64 = 64u,
  BUFSPEC_EMPTY = 128u,
  BUFSPEC_READONLY = 256u,
  BUFSPEC_ITEMS = 512u,
  BUFSPEC_STRUCTURES = 1024u,
  BUFSPEC_BYTE_ORDER = 2048u
};

/* A call that uses the memory of an object. */
typedef struct bufspec_consumer {
  size_t size; /* sizeof(bufspec_consumer) */
  uint32_t flags; /* BUFSPEC_FREE_THREADED, BUFSPEC_HAS_FALLBACK, BUFSPEC_NOT_REENTRANT, BUFSPEC_OF_BYTES */
  uint32_t kind;
  uint32_t accepts;
  uint32_t reserved;

  /* Needed: requests the memory of `exporter` by bufspec_get_buffer() and gives it back by bufspec_release(), now or in
   * `give_up`.  On success *result is what it makes of it, which may be NULL where there is nothing to show. */
  bufspec_error (*consume)(bufspec_object* exporter, void** result);
  /* Ends a result.  Needed if consume ever makes one. */
  void (*give_up)(void* result);
  /* The bytes that a result shows: the elements in C order, or with BUFSPEC_OF_BYTES what it makes of plain bytes that hold
   * them.  NULL: nothing to compare. */
  const void* (*bytes)(void* result, bufspec_ssize* len);
} bufspec_consumer;

#define BUFSPEC_NO_BOUND PTRDIFF_MIN

/* A value that is assigned to an item: the bytes of an item of the view's own format, or what is no value of any format. */
enum { BUFSPEC_VALUE_OF_ITEM = 0, BUFSPEC_VALUE_OF_TEXT = 1, BUFSPEC_VALUE_TOO_LARGE = 2 };
typedef struct bufspec_value {
  int kind; /* BUFSPEC_VALUE_OF_ITEM, a text, or an integer that no item can hold */
  const void* bytes; /* of an item; else NULL */
} bufspec_value;

/* A list that is being made, whose members are named in their order. */
typedef struct bufspec_list bufspec_list;
struct bufspec_list {
  void (*begin)(bufspec_list* self); /* a list begins, inside the one that was begun before it */
  void (*item)(bufspec_list* self, const void* bytes); /* the value of an item, by its bytes */
  void (*end)(bufspec_list* self); /* the last list that was begun ends */
};

/* The library functions of an interpreter, with the signatures of the C API; see README.md for the calls that use them. */
typedef struct bufspec_functions {
  size_t size; /* sizeof(bufspec_functions) */
  uint32_t flags; /* none yet */
  uint32_t runtime; /* PY_VERSION_HEX of the interpreter whose rules hold for them; 0: the latest */

  bufspec_error (*exception)(void); /* the error that a call left set, which is then set no more */
  void (*set_exception)(bufspec_error error); /* what an object of ours reports in its slot */

  int (*constant)(const char* name); /* the value of the header's PyBUF_ and this name; -1: it has no such */
  int (*check_buffer)(bufspec_object* object);
  int (*get_buffer)(bufspec_object* object, bufspec_buffer* view, int flags);
  void (*release)(bufspec_buffer* view);
  bufspec_ssize (*size_from_format)(const char* format);
  int (*is_contiguous)(const bufspec_buffer* view, char order);
  void (*fill_contiguous_strides)(int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize, char order);
  int (*fill_info)(bufspec_buffer* view, bufspec_object* exporter, void* buf, bufspec_ssize len, int readonly,
                   int flags);
  void* (*get_pointer)(const bufspec_buffer* view, const bufspec_ssize* indices);
  int (*to_contiguous)(void* buf, const bufspec_buffer* view, bufspec_ssize len, char order);
  int (*from_contiguous)(const bufspec_buffer* view, const void* buf, bufspec_ssize len, char order);
  int (*copy_data)(bufspec_object* destination, bufspec_object* source);
  /* What PyArg_Parse makes of an object by a code that fills a Py_buffer: "y*".  0, or -1 with an error set. */
  int (*parse_argument)(bufspec_object* object, const char* code, bufspec_buffer* view);

  /* A memoryview is an object that answers requests itself; NULL with an error set where there is none. */
  bufspec_object* (*memoryview_from_object)(bufspec_object* object);
  bufspec_object* (*memoryview_from_buffer)(const bufspec_buffer* view);
  bufspec_object* (*memoryview_from_memory)(char* memory, bufspec_ssize size, int flags);
  bufspec_object* (*memoryview_get_contiguous)(bufspec_object* object, int mode, char order);
  const bufspec_buffer* (*memoryview_get_buffer)(bufspec_object* memoryview);
  bufspec_object* (*memoryview_get_base)(bufspec_object* memoryview);
  int (*memoryview_check)(bufspec_object* object);
  /* BUFSPEC_NO_BOUND stands for a bound that is left out. */
  bufspec_object* (*memoryview_slice)(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop,
                                      bufspec_ssize step);
  bufspec_object* (*memoryview_cast)(bufspec_object* memoryview, const char* format, int ndim,
                                     const bufspec_ssize* shape);
  bufspec_object* (*memoryview_toreadonly)(bufspec_object* memoryview);
  const char* (*memoryview_item)(bufspec_object* memoryview, int count, const bufspec_ssize* index);
  int (*memoryview_tobytes)(bufspec_object* memoryview, char order, void* buf, bufspec_ssize len);
  int (*memoryview_equal)(bufspec_object* memoryview, bufspec_object* other);
  int (*memoryview_release)(bufspec_object* memoryview); /* the method: 0, or -1 with an error set */
  void (*drop)(bufspec_object* object); /* gives up a reference to an object that one of these made */

  /* Since 1.1.  What fails returns -1 with an error set. */
  bufspec_ssize (*memoryview_nbytes)(bufspec_object* memoryview);
  bufspec_ssize (*memoryview_length)(bufspec_object* memoryview); /* len() */
  int (*memoryview_contiguous)(bufspec_object* memoryview,
                               char order); /* c_contiguous, f_contiguous; 'A': contiguous */
  int (*memoryview_hash)(bufspec_object* memoryview, bufspec_ssize* hash);
  bufspec_ssize (*hash_of_bytes)(const void* bytes, bufspec_ssize len); /* hash() of a bytes object */
  int (*memoryview_tolist)(bufspec_object* memoryview, bufspec_list* list);
  /* A NULL value deletes the item. */
  int (*memoryview_assign_item)(bufspec_object* memoryview, int count, const bufspec_ssize* index,
                                const bufspec_value* value);
  int (*memoryview_assign_slice)(bufspec_object* memoryview, bufspec_ssize start, bufspec_ssize stop,
                                 bufspec_ssize step, bufspec_object* source);
  /* What PyArg_ParseTuple makes of several objects, each by its code that fills a Py_buffer. */
  int (*parse_arguments)(int count, bufspec_object* const* objects, const char* const* codes, bufspec_buffer* views);
  /* The same by a code that keeps a pointer: "y#". */
  int (*borrow_argument)(bufspec_object* object, const char* code, const char** bytes, bufspec_ssize* len);
} bufspec_functions;

/* Which of the three a subject is. */
enum { BUFSPEC_TARGET_EXPORTER = 1, BUFSPEC_TARGET_CONSUMER = 2, BUFSPEC_TARGET_FUNCTIONS = 3 };

typedef struct bufspec_subject {
  uint32_t target;
  uint32_t reserved;
  const char* name; /* letters, digits and _ */
  const void* what; /* the bufspec_exporter, bufspec_consumer or bufspec_functions */
} bufspec_subject;

typedef struct bufspec_table {
  uint32_t magic; /* BUFSPEC_SUBJECT_MAGIC */
  uint32_t version; /* BUFSPEC_SUBJECT_VERSION */
  const char* library; /* lower case letters, digits and _: subjects are called LIBRARY.NAME */
  size_t count;
  const bufspec_subject* subjects;
} bufspec_table;

/* The one symbol: `const bufspec_table *bufspec_subjects(void)`. */
#define BUFSPEC_SYMBOL "bufspec_subjects"

/* BUFSPEC_SUBJECTS(mine, BUFSPEC_EXPORTER(matrix, &matrix), BUFSPEC_CONSUMER(sum, &sum)) defines it, in one file of the
 * library. */
#define BUFSPEC_EXPORTER(name, what) {BUFSPEC_TARGET_EXPORTER, 0, #name, what}
#define BUFSPEC_CONSUMER(name, what) {BUFSPEC_TARGET_CONSUMER, 0, #name, what}
#define BUFSPEC_FUNCTIONS(name, what) {BUFSPEC_TARGET_FUNCTIONS, 0, #name, what}
#define BUFSPEC_SUBJECTS(library, ...)                                                            \
  BUFSPEC_EXPORT const bufspec_table* bufspec_subjects(void);                                     \
  BUFSPEC_EXPORT const bufspec_table* bufspec_subjects(void) {                                    \
    static const bufspec_subject subjects[] = {__VA_ARGS__};                                      \
    static const bufspec_table table = {BUFSPEC_SUBJECT_MAGIC, BUFSPEC_SUBJECT_VERSION, #library, \
                                        sizeof subjects / sizeof *subjects, subjects};            \
    return &table;                                                                                \
  }                                                                                               \
  typedef int bufspec_needs_a_semicolon

/* As PyObject_GetBuffer: requests the memory of an object that a consumer was given.  0, or -1 and view->obj is NULL. */
static inline int bufspec_get_buffer(bufspec_object* object, bufspec_buffer* view, int flags) {
  if (object->type->get_buffer == NULL) {
    view->obj = NULL;
    return -1;
  }
  return object->type->get_buffer(object, view, flags);
}

/* As PyBuffer_Release. */
static inline void bufspec_release(bufspec_buffer* view) {
  bufspec_object* const object = (bufspec_object*)view->obj;
  if (object == NULL) return;
  if (object->type->release_buffer != NULL) object->type->release_buffer(object, view);
  view->obj = NULL;
  __atomic_sub_fetch(&object->references, 1, __ATOMIC_SEQ_CST); /* other threads release theirs */
}

BUFSPEC_STATIC_ASSERT(sizeof(void*) == 8, "bufspec judges on 64-bit machines");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_ssize) == sizeof(void*), "Py_ssize_t is as large as a pointer");
BUFSPEC_STATIC_ASSERT(sizeof(int) == 4, "int has 32 bits");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_buffer) == 80, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, obj) == 8, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, len) == 16, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, readonly) == 32, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, ndim) == 36, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, format) == 40, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_buffer, internal) == 72, "bufspec_buffer is Py_buffer");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_layout) == 88, "bufspec_layout is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_operation) == 16, "bufspec_operation is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_exporter) == 144, "bufspec_exporter is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_object) == 16, "bufspec_object is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_consumer) == 48, "bufspec_consumer is laid out otherwise");
BUFSPEC_STATIC_ASSERT(offsetof(bufspec_functions, memoryview_nbytes) == 256, "1.1 begins where 1.0 ended");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_functions) == 336, "bufspec_functions is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_subject) == 24, "bufspec_subject is laid out otherwise");
BUFSPEC_STATIC_ASSERT(sizeof(bufspec_table) == 32, "bufspec_table is laid out otherwise");

#endif
