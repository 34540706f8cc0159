#include "subject_of.hpp"

#include <utility>

#include "harness/adapters/cpython/consumer/subject.hpp"
#include "harness/adapters/cpython/exporter/subject.hpp"
#include "harness/adapters/cpython/runtime/functions.hpp"
#include "native_subjects.hpp"

namespace bufspec::cpython {

std::unique_ptr<engine::Subject> subject_of(Target target, const SubjectArguments& arguments) {
  if (is_native(arguments.what)) return native_subject(arguments.what, target);
  if (target == Target::consumer) {
    ConsumerDeclaration declared;
    if (!consumer_from(arguments.what, arguments.consumer, declared)) return nullptr;
    return std::make_unique<ConsumerSubject>(std::move(declared));
  }
  if (target == Target::function) return function_subject(arguments.what);
  ExporterDeclaration declared;
  if (!declaration_from(arguments, declared)) return nullptr;
  return std::make_unique<ExporterSubject>(std::move(declared));
}

}  // namespace bufspec::cpython
