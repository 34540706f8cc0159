// The rule tables as typed rows: what spec/ states, without a word about how reference/ states it.
// Built from a TableValue tree, whoever parsed it.  Of reference/ only value types are used here (Layout).
// Checks what the rows need to be read; `bufspec spec check` checks the rest (sources, totality, coverage).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/view.hpp"
#include "table_value.hpp"

namespace bufspec {

// Where a row was written, for messages.
struct RowPlace {
  std::string file;
  int line = 0;
};

// In which editions a row holds.
struct EditionSet {
  bool founding_2010 = true;
  bool current = true;

  [[nodiscard]] bool holds_in(Edition edition) const noexcept {
    return edition == Edition::current ? current : founding_2010;
  }
};

struct FlagRow {
  std::string name;
  int value = 0;
  int own_bit = 0;
  std::vector<std::string> contains;
};

struct CompoundRow {
  std::string name;
  int value = 0;
  std::vector<std::string> of;
};

// A word of the header that is no request.
struct ConstantRow {
  std::string name;
  int value = 0;
};

// From what the canonical words are made: every structural word and every union of `subsets_of`, with every
// union of `modifiers`.
struct CanonicalRow {
  std::vector<std::string> structural;
  std::vector<std::string> subsets_of;
  std::vector<std::string> modifiers;
};

// A fact of a memory that a row may ask for.
enum class MemoryFact : std::uint8_t {
  readonly,
  c_contiguous,
  f_contiguous,
  any_contiguous,
  indirect,
  zero_dim,
  ambiguous_empty,
};
inline constexpr std::size_t memory_fact_count = 7;
[[nodiscard]] std::string_view fact_name(MemoryFact fact) noexcept;

// When a request row applies: all that is said must hold, absent keys say nothing.
struct RowCondition {
  std::optional<int> asks;   // every bit of this word is set
  std::optional<int> lacks;  // not every bit of this word is set
  std::array<std::optional<bool>, memory_fact_count> memory;
  bool stray_bits = false;        // the word has an own bit without the rest of its flag
  bool both_orders = false;       // the word asks for C order and for Fortran order
  bool needs_contiguity = false;  // the word asks for contiguity, or has no STRIDES
  EditionSet editions;
};

struct ReservedRow {
  std::string rule;
  std::vector<int> words;
  std::string error;
  std::uint32_t since = 0;  // PY_VERSION_HEX of the first runtime
  EditionSet editions;
  RowPlace place;
};

struct RefusalRow {
  std::string rule;
  RowCondition when;
  RowPlace place;
};

// One reading of a contested row; with `as` it is the answer to another word.
struct ReadingRow {
  enum class As : std::uint8_t { itself, complete_flags, own_bits };
  std::string name;
  As as = As::itself;
};

struct ContestedRow {
  std::string rule;
  RowCondition when;
  std::vector<ReadingRow> readings;
  RowPlace place;
};

// What one field of a granted answer holds.
struct AnswerRow {
  enum class Field : std::uint8_t { shape, strides, suboffsets, format, readonly, ndim, len, itemsize, buf, obj };
  enum class Holds : std::uint8_t { null, array, any, text, zero, of_memory, exporter };
  std::string rule;
  Field field = Field::shape;
  RowCondition when;
  Holds holds = Holds::null;
  RowPlace place;
};

// One data case of a rule.
struct CaseRow {
  std::string id;
  std::string call;
  TableValue given;
  TableValue expect;
};

struct RuleRow {
  std::string id;
  std::string level;
  std::string impact;
  std::string statement;
  std::string hint;
  std::vector<std::string> binds;
  EditionSet editions;
  bool judged = false;
  std::vector<std::string> observes;
  std::vector<std::string> readings;
  std::vector<CaseRow> cases;
  std::vector<std::string> laws;
  std::string level_in_2010;     // where `differences` says so; else empty
  std::string level_in_current;
  RowPlace place;

  // The rule's level in `edition`: that of a difference named there, else that of the row.
  [[nodiscard]] const std::string& level_in(Edition edition) const noexcept {
    const std::string& own = edition == Edition::current ? level_in_current : level_in_2010;
    return own.empty() ? level : own;
  }
};

// The grammars that an order character or a code belongs to.
struct GrammarSet {
  bool in_struct = false;
  bool in_pep3118 = false;
};

struct FormatOrderRow {
  std::string prefix;
  bool native_sizes = false;
  bool aligned = false;
  std::string byte_order;  // native, little or big
  GrammarSet first;        // where it may stand in front
  GrammarSet anywhere;     // where it may stand before a later item too
};

struct FormatCodeRow {
  std::string code;
  std::optional<ssize> native_size;
  std::optional<ssize> native_align;
  std::optional<ssize> standard_size;          // of the struct module; absent: an error in the standard orders
  std::optional<ssize> pep3118_standard_size;  // what the wider grammar has there
  GrammarSet grammar;
  std::uint32_t since = 0;  // first runtime (PY_VERSION_HEX) whose struct module takes it; 0: by `grammar` alone
  bool counts_length = false;  // a count is a length, not a repetition
  bool memoryview_element = false;
  std::uint32_t memoryview_since = 0;
};

struct FormatConstructRow {
  std::string construct;
  std::string syntax;
  std::string grammar;
};

struct LayoutRow {
  std::string name;
  std::string class_name;
  Layout layout;
  RowPlace place;
};

struct ClassRow {
  std::string name;
  bool c_contiguous = false;
  bool f_contiguous = false;
  bool indirect = false;
  bool zero_dim = false;
  bool empty = false;
  bool ambiguous_empty = false;
};

// The bounds of one exhaustive sweep.
struct SweepRow {
  std::string name;
  int ndim_max = 0;
  std::vector<ssize> extents;
  std::vector<ssize> strides_in_items;
  std::vector<ssize> strides_for_extent_one;
  std::vector<ssize> itemsizes;
  std::vector<bool> suboffsets;
  std::vector<bool> readonly;
  int flags = 0;
};

struct EditionRow {
  std::string name;
  std::string title;
};

struct Tables {
  std::vector<FlagRow> flags;
  std::vector<CompoundRow> compounds;
  std::vector<ConstantRow> constants;
  int unassigned_bits = 0;
  CanonicalRow canonical;

  std::vector<ReservedRow> reserved;
  std::vector<RefusalRow> refusals;
  std::vector<ContestedRow> contested;
  std::vector<AnswerRow> answers;

  std::vector<RuleRow> rules;

  std::vector<FormatOrderRow> orders;
  std::vector<FormatCodeRow> codes;
  std::vector<FormatConstructRow> constructs;

  std::vector<LayoutRow> layouts;
  std::vector<ClassRow> classes;
  std::vector<SweepRow> sweeps;
  std::vector<EditionRow> editions;

  // The value of a flag or compound, or nothing if none has that name.
  [[nodiscard]] std::optional<int> flag_value(std::string_view name) const noexcept;
  // The row of that id, name or bound, or null.
  [[nodiscard]] const RuleRow* rule(std::string_view id) const noexcept;
  [[nodiscard]] const LayoutRow* layout(std::string_view name) const noexcept;
  [[nodiscard]] const SweepRow* sweep(std::string_view name) const noexcept;
  // The canonical words, ascending, each once.
  [[nodiscard]] std::vector<int> canonical_words() const;
};

// The rows, or the problems for which they cannot be read.
struct LoadedTables {
  Tables tables;
  std::vector<TableProblem> problems;

  [[nodiscard]] bool ok() const noexcept { return problems.empty(); }
  // The problems, one a line.
  [[nodiscard]] std::string text() const;
};

// The rows that `root` spells: a map {file name: tree of that file}.  Which file a key stands in does not matter.
//
// Refused, with file, line and column where the tree knows them: a missing or mistyped key, an unknown key in a
// row that is read here, an unknown flag, edition, fact, field or value, an id given twice, no tables at all.
[[nodiscard]] LoadedTables tables_from(const TableValue& root);

// The layout that `value`, a map with the layout keys of a table, spells (a named layout, or `given` of a case).
// Defaults: format "B", itemsize 1, offset 0 or as far as negative strides reach, block as large as the elements need, at
// least one item.  More than 64 dimensions are counted in ndim, though only 64 have values: what is beyond the bound is
// a case too.  Problems go to `problems`, named as being in `file`.
[[nodiscard]] Layout layout_from_value(const TableValue& value, const std::string& file,
                                       std::vector<TableProblem>& problems);

}  // namespace bufspec
