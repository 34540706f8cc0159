// Which subject do the arguments of a call describe?
#pragma once

#include <memory>

#include "subject_arguments.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::cpython {

// Null with an exception set where they describe no subject.
[[nodiscard]] std::unique_ptr<engine::Subject> subject_of(Target target, const SubjectArguments& arguments);

}  // namespace bufspec::cpython
