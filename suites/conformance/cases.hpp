// What is tried against subjects: each function yields (case id, scenario) for one kind of subject.
// No test framework here; GoogleTest and the worker loop are two front ends over these lists.
// A case id is `area.topic_detail`, lower case, without '-' and ':' (GoogleTest's filter takes both).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/scenario.hpp"
#include "suites/engine/case_list.hpp"
#include "suites/engine/numbers.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::suites {

using engine::Case;
using engine::CaseList;
using engine::Numbers;

// What has to be known of a subject before its cases can be made.
struct Profile {
  std::vector<std::string>
      operations;  // names; a mutate step carries the position in its flags; of a runtime its calls and checks
  bool builds = false;                  // makes objects of a given layout
  std::vector<LayoutRow> memories{};    // all that a consumer takes; empty: those of the tables
};

struct CaseOptions {
  Edition edition = Edition::current;
  Profile profile;
  std::uint64_t seed = 0;       // of the random sequences and layouts
  std::string bound = "short";  // the sweep of layouts.yaml that built objects are made of
  std::uint32_t runtime =
      0xffffffff;  // of a runtime's cases: the interpreter, as PY_VERSION_HEX, by whose rules they are owed
};

// Every case for an exporter, those that may spoil an object for the next case at the end.
[[nodiscard]] CaseList exporter_cases(const Tables& tables, const CaseOptions& options);

// The 1,024 words of the low ten bits, each acquired and released: `request.word_0x018`.
[[nodiscard]] std::vector<Case> request_cases(Edition edition);

// The canonical requests of the flags table, each acquired and released, in the table's order.
[[nodiscard]] std::vector<Case> canonical_request_cases(const Tables& tables, Edition edition);

// Words with bits that belong to no flag, each beside the same word without them.
[[nodiscard]] std::vector<Case> unassigned_bits_cases(Edition edition);

// Words with the own bit of a flag that is not complete, each behind the two words that it may be read as.
[[nodiscard]] std::vector<Case> stray_bits_cases(Edition edition);

// The memory looked at while a view of it is held, and written through one view, seen in others.
[[nodiscard]] std::vector<Case> data_cases(const Tables& tables, Edition edition);

// Several views at once, released in every order, through copies, with a collection or a refusal in between.
[[nodiscard]] std::vector<Case> lifetime_cases(const Tables& tables, Edition edition);

// The checks of how the object offers its memory by other interfaces, each once: `bridge.dlpack_same_memory`.
[[nodiscard]] std::vector<Case> bridge_cases(Edition edition);

// The canonical requests, each as the first that an object gets, and another one beside it.
[[nodiscard]] std::vector<Case> first_request_cases(const Tables& tables, Edition edition);

// The last reference to the object dropped while views live.
[[nodiscard]] std::vector<Case> drop_cases(Edition edition);

// The canonical requests through the type's own slot.
[[nodiscard]] std::vector<Case> direct_cases(const Tables& tables, Edition edition);

// The reserved words through the type's own slot, which leave some objects locked for ever.
[[nodiscard]] std::vector<Case> direct_reserved_cases(Edition edition);

// Requests from inside the indexing of a memoryview of the object.
[[nodiscard]] std::vector<Case> reenter_cases(Edition edition);

// Requests made and given back 100,000 times.
[[nodiscard]] std::vector<Case> leak_cases(Edition edition);

// One object asked from several threads.
[[nodiscard]] std::vector<Case> threads_cases(Edition edition);

// Every operation of the subject while views are held, after the last one, and on an object that was never asked.
[[nodiscard]] std::vector<Case> mutation_cases(const Tables& tables, const Profile& profile, Edition edition);

// Random sequences of steps, the same for the same seed: `sequence.random_17`.
void append_sequence_cases(const CaseOptions& options, CaseList& cases);

// The same for objects that have operations, several of them at any place, among few views.
void append_changing_sequences(const CaseOptions& options, CaseList& cases);

// Every canonical request on objects built from the named layouts, of real sizes, from every layout of the bound, and from
// random ones: `built.c_2d_int`, `built.bytes_4097`, `built.sweep_4711`, `built.random_17`.
void append_built_cases(const Tables& tables, const CaseOptions& options, CaseList& cases);

// The memories that a consumer is given: rows of a table, which outlives them.
struct ConsumerMemories {
  std::vector<const LayoutRow*> all;
  std::vector<const LayoutRow*> telling;  // those of them of which each shows another way to go wrong
  bool is_fitted = false;  // they are all that the consumer takes

  // The rows of these names; where they are fitted, as many of them as there are names.
  [[nodiscard]] std::vector<const LayoutRow*> named(std::span<const std::string_view> names) const;
};

// The named layouts, or, where the profile has memories, these.
[[nodiscard]] ConsumerMemories consumer_memories(const Tables& tables, const Profile& profile);

// Every case for a consumer, plain ones first and exporters that lie last; of `options`, edition, seed and bound count.
[[nodiscard]] CaseList consumer_cases(const Tables& tables, const CaseOptions& options);

// Our exporter of every named layout handed over, plainly, with the memory placed, copied and taken away in each way, and
// read-only: `consumer.reads_c_2d_int`, `consumer.withdrawn_c_2d_int`, `consumer.readonly_c_2d_int`.
[[nodiscard]] std::vector<Case> consumer_layout_cases(const ConsumerMemories& memories, Edition edition);

// Of a consumer that takes some memories alone: each of them without a zero byte, `consumer.no_zero_byte_given_1`.
[[nodiscard]] std::vector<Case> fitted_without_zeros(const ConsumerMemories& memories, Edition edition);

// Memory without an item: ending where it begins, at the edge of a page: `consumer.ends_at_page_nothing_at_the_end`; and
// nowhere, with a buf that is NULL: `consumer.null_if_empty_empty_1d`.
[[nodiscard]] std::vector<Case> consumer_edge_cases(const ConsumerMemories& memories, Edition edition);

// Our exporter of each format of the table of formats, three items of it in a row: `consumer.format_size_native_pad`.
// Formats with pointers in them are left out, because our memory holds no objects.
[[nodiscard]] std::vector<Case> consumer_format_cases(const Tables& tables, Edition edition);

// Every other legal behaviour of our exporter, on a choice of the named layouts.
[[nodiscard]] std::vector<Case> consumer_behaviour_cases(const ConsumerMemories& memories, Edition edition);

// Requests refused by their number and by what they ask, in each way in which that can be told.
[[nodiscard]] std::vector<Case> consumer_refusal_cases(const ConsumerMemories& memories, Edition edition);

// Results held side by side, given up in both orders, and kept longer than our own reference to the exporter.
[[nodiscard]] std::vector<Case> consumer_held_cases(const ConsumerMemories& memories, Edition edition);

// The consumer called 1,000 times, and by several threads at once.
[[nodiscard]] std::vector<Case> consumer_often_cases(const ConsumerMemories& memories, Edition edition);

// Exporters that lie, each on layouts where the lie can be told.
[[nodiscard]] std::vector<Case> consumer_lie_cases(const ConsumerMemories& memories, Edition edition);

// Random layouts, behaviours and sequences of steps, the same for the same seed: `consumer.random_17`.
void append_consumer_random_cases(const ConsumerMemories& memories, const CaseOptions& options, CaseList& cases);

// One such case, with a memory of that layout.
[[nodiscard]] Scenario consumer_at_random(std::uint64_t seed, Layout layout, Edition edition);

// Every case for a runtime.  The operations of its profile are the calls that it offers, and the rules of the checks that it
// makes; without any the cases are those of all calls and checks.
[[nodiscard]] CaseList runtime_cases(const Tables& tables, const CaseOptions& options);

// The data cases of the tables for the rules that bind a runtime: `function.is_contiguous.agrees.c_asked_f`.
[[nodiscard]] std::vector<Case> call_cases(const Tables& tables, const Profile& profile, Edition edition);

// Calls whose answer the reference works out: over the layouts of the bound, every word of flags, formats; those that
// `is_wanted` takes: `function.to_contiguous.sweep_17`.
void append_runtime_sweeps(const Tables& tables, const CaseOptions& options,
                           const std::function<bool(std::string_view)>& is_wanted, CaseList& cases);

// One of the calls of the profile on that memory, in one of the ways that the sweeps try, as `choice` says; nothing if none of them
// takes it.
[[nodiscard]] std::optional<Scenario> call_on_layout(const Layout& layout, std::size_t choice,
                                                     const CaseOptions& options);

// Random sequences of operations on memoryviews, the same for the same seed: `memoryview.sequence_17`.
void append_view_sequences(const Tables& tables, const CaseOptions& options, CaseList& cases);

// For a function of the runtime: every named layout, every order.
[[nodiscard]] std::vector<Case> function_cases(const Tables& tables, Edition edition);

// The checks of a runtime, each once: `pep688.exporter_looked_up_on_type`.
[[nodiscard]] std::vector<Case> check_cases(const Profile& profile, Edition edition);

// A flag word as case ids spell it: "0x018".
[[nodiscard]] std::string word_text(int word);

}  // namespace bufspec::suites
