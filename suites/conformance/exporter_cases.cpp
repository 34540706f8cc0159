// The order in which an exporter is tried: harmless things first, what may spoil the object last.
#include <array>
#include <cstdio>

#include "cases.hpp"

namespace bufspec::suites {

std::string word_text(int word) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%03x", static_cast<unsigned>(word));
  return text.data();
}

CaseList exporter_cases(const Tables& tables, const CaseOptions& options) {
  const Edition edition = options.edition;
  CaseList cases;
  cases.append(request_cases(edition));
  cases.append(stray_bits_cases(edition));
  cases.append(unassigned_bits_cases(edition));
  cases.append(data_cases(tables, edition));
  cases.append(lifetime_cases(tables, edition));
  cases.append(direct_cases(tables, edition));
  cases.append(reenter_cases(edition));
  cases.append(leak_cases(edition));
  cases.append(threads_cases(edition));
  append_sequence_cases(options, cases);
  if (options.profile.builds) append_built_cases(tables, options, cases);
  cases.append(mutation_cases(tables, options.profile, edition));
  append_changing_sequences(options, cases);
  cases.append(first_request_cases(tables, edition));
  cases.append(drop_cases(edition));
  cases.append(direct_reserved_cases(edition));
  cases.append(bridge_cases(edition));
  return cases;
}

}  // namespace bufspec::suites
