// The reference's parser of arguments as functions of bufspec_subject.h.
#pragma once

#include "bufspec_subject.h"

namespace bufspec::native {

void add_arguments(bufspec_functions& functions);

}  // namespace bufspec::native
