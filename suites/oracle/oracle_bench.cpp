// How many (layout, word) comparisons a second does the request sweep make on one core?
// Wanted: at least 20 million, building the layouts included.  Also the parts of which that is made.
#include <benchmark/benchmark.h>

#include "bufspec/exporter.hpp"
#include "bufspec/format.hpp"
#include "layout_sweep.hpp"
#include "request_sweep.hpp"
#include "test_tables.hpp"

namespace bufspec::oracle {

namespace {

const SweepRow& two_dimensions() { return *tables().sweep("short"); }

// Both editions in turn.
void request_sweep(benchmark::State& state) {
  const RequestTable table(tables());
  const Edition edition = state.range(0) == 0 ? Edition::current : Edition::founding_2010;
  std::size_t comparisons = 0;
  for ([[maybe_unused]] auto _ : state) {
    const SweepResult result = sweep_requests(table, two_dimensions(), edition, latest_runtime);
    if (result.disagreements.count() > 0) state.SkipWithError("the sweep has disagreements: run bufspec-oracle");
    comparisons += result.comparisons;
  }
  state.counters["comparisons"] = benchmark::Counter(static_cast<double>(comparisons), benchmark::Counter::kIsRate);
}
BENCHMARK(request_sweep)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// One request and its release, over all words.
void exporter_request(benchmark::State& state) {
  Exporter exporter;
  if (!exporter.build(tables().layout("c_2d_int")->layout).ok()) return state.SkipWithError("cannot be built");
  int word = 0;
  for ([[maybe_unused]] auto _ : state) {
    Buffer view{};
    if (exporter.get_buffer(word, view).ok()) {
      exporter.release_buffer(view);
      exporter.drop_reference();
    }
    benchmark::DoNotOptimize(view);
    word = (word + 1) % flag::word_count;
  }
}
BENCHMARK(exporter_request);

void layouts_alone(benchmark::State& state) {
  std::size_t layouts = 0;
  for ([[maybe_unused]] auto _ : state)
    layouts += each_layout(two_dimensions(), [](const Layout& layout) { benchmark::DoNotOptimize(&layout); });
  state.counters["layouts"] = benchmark::Counter(static_cast<double>(layouts), benchmark::Counter::kIsRate);
}
BENCHMARK(layouts_alone)->Unit(benchmark::kMillisecond);

void format_of_one_code(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(format_size("i"));
}
BENCHMARK(format_of_one_code);

void format_of_a_structure(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(format_size("T{<b:a:3x<i:b:(2,3)<d:c:}"));
}
BENCHMARK(format_of_a_structure);

}  // namespace

}  // namespace bufspec::oracle

int main(int argc, char** argv) {
  if (!bufspec::load_test_tables()) return 2;
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
