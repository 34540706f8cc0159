// libbufspec_faulty_functions.so: a set of library functions for each fault, called by its name, and one without any, `none`.
#include <vector>

#include "faults.hpp"

namespace bufspec::native {

namespace {

const bufspec_table& table() {
  // Never destroyed: whoever loaded the library may look at it for ever.
  static auto& sets = *new std::vector<bufspec_functions>;
  static auto& subjects = *new std::vector<bufspec_subject>;
  static const bufspec_table described = [] {
    std::vector<Fault> all{{"none", [](bufspec_functions&) {}}};
    for (const auto some : {faults_of_values(), faults_of_formats(), faults_of_copies(), faults_of_arguments(),
                            faults_of_memoryviews(), faults_of_elements()})
      all.insert(all.end(), some.begin(), some.end());
    sets.assign(all.size(), right());
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].put(sets[i]);
      subjects.push_back({BUFSPEC_TARGET_FUNCTIONS, 0, all[i].id, &sets[i]});
    }
    return bufspec_table{BUFSPEC_SUBJECT_MAGIC, BUFSPEC_SUBJECT_VERSION, "faulty", subjects.size(), subjects.data()};
  }();
  return described;
}

}  // namespace

}  // namespace bufspec::native

BUFSPEC_EXPORT const bufspec_table* bufspec_subjects();
BUFSPEC_EXPORT const bufspec_table* bufspec_subjects() { return &bufspec::native::table(); }
