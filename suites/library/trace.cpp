#include "trace.hpp"

#include "reference.hpp"
#include "suites/engine/library/subject.hpp"
#include "suites/engine/reference/consumer.hpp"
#include "suites/engine/reference/subject.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::engine {

std::optional<Trace> trace_on_reference(const Scenario& scenario, const std::optional<Layout>& own,
                                        std::uint32_t runtime) {
  const auto run = [&](Subject&& subject) -> std::optional<Trace> {
    Trace trace = trace_of(subject, scenario);
    if (trace.observes == 0) return std::nullopt;
    return trace;
  };
  switch (scenario.target) {
    case Target::exporter:
      return run(ReferenceExporterSubject(own, runtime));
    case Target::consumer:
      return run(ReferenceConsumerSubject());
    case Target::function: {
      library::ReferenceLibrary reference(runtime);
      return run(LibrarySubject(reference));
    }
  }
  return std::nullopt;
}

Scenario asking(const Layout& layout, const std::vector<int>& words, Edition edition, bool is_declared) {
  Scenario scenario;
  scenario.edition = edition;
  if (is_declared) scenario.layout = layout;
  for (const int word : words) {
    scenario.steps.push_back({StepKind::acquire, 0, word});
    scenario.steps.push_back({StepKind::release, 0, 0});
  }
  return scenario;
}

Answer answer_of(const Layout& layout, int word, Edition edition, std::uint32_t runtime) {
  return *trace_on_reference(asking(layout, {word}, edition), std::nullopt, runtime)->steps[0].answer;
}

}  // namespace bufspec::engine
