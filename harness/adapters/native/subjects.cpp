#include "subjects.hpp"

#include "bufspec/observations.hpp"
#include "consumer.hpp"
#include "functions.hpp"
#include "subject.hpp"

namespace bufspec::native {

std::unique_ptr<engine::Subject> subject_of(const Described& described) {
  if (described.target == Target::exporter) return std::make_unique<NativeExporterSubject>(described);
  if (described.target == Target::consumer) return std::make_unique<NativeConsumerSubject>(described);
  if (described.target == Target::function) return std::make_unique<NativeFunctionsSubject>(described);
  return nullptr;
}

std::string reason_of_nothing(engine::Subject& subject, const Described& described) {
  auto* const exporter = dynamic_cast<engine::ExporterDriver*>(&subject);
  if (exporter == nullptr || exporter->has_object()) return {};
  return "make() of " + described.name + " returned NULL: there is no object to judge";
}

std::vector<std::string> observation_names(unsigned observed) {
  struct Name {
    unsigned bit;
    const char* name;
  };
  constexpr Name all[]{
      {observation::structure, "struct"},      {observation::canaries, "canaries"},
      {observation::references, "references"}, {observation::exception, "exception"},
      {observation::memory, "memory"},         {observation::requests, "requests"},
      {observation::result, "result"},         {observation::mutation, "mutation"},
      {observation::process, "process"},       {observation::content, "content"},
  };
  std::vector<std::string> names;
  for (const auto& [bit, name] : all)
    if ((observed & bit) != 0) names.emplace_back(name);
  return names;
}

}  // namespace bufspec::native
