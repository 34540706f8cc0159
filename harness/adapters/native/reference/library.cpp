// libbufspec_reference.so: the reference as the subjects of a shared library, `reference.exporter`, `reference.consumer` and
// `reference.functions`.
#include "subjects.hpp"

BUFSPEC_SUBJECTS(reference, BUFSPEC_EXPORTER(exporter, &bufspec::native::reference_exporter()),
                 BUFSPEC_CONSUMER(consumer, &bufspec::native::reference_consumer()),
                 BUFSPEC_FUNCTIONS(functions, &bufspec::native::reference_functions()));
