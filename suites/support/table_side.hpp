// The table side of the oracle: what the tables say about a memory, a request or a format, found without reference/.
// Contiguity is found by enumerating the addresses of elements, answers by reading the request rows, sizes by adding up the
// rows of the format table.  Uses value types of reference/ (Layout, Edition) and none of its functions.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tables.hpp"

namespace bufspec {

// The facts of a memory, one bit a MemoryFact.
using FactSet = std::bitset<memory_fact_count>;

// Where element after element begins, in bytes from the first; the pointers of an indirect memory are not followed.
// Requires: at most `most_elements` elements.
inline constexpr ssize most_elements = 1 << 16;
[[nodiscard]] std::vector<ssize> element_offsets(const Layout& layout, bool fortran);

// Whether the elements lie one behind the other in `order` (C, F or A; in no other order), by their addresses.
[[nodiscard]] bool enumerates_contiguously(const Layout& layout, char order);

// The strides of a gap-free block: each is the itemsize times every extent that varies faster.
// Nothing where one does not fit.
[[nodiscard]] std::optional<Extents> strides_by_products(const Layout& layout, bool fortran);

// The memory without suboffsets that nobody has to follow.
[[nodiscard]] Layout without_idle_suboffsets(const Layout& layout);

// The facts of the memory itself: suboffsets that are all negative change nothing.
[[nodiscard]] FactSet facts_by_enumeration(const Layout& layout);
[[nodiscard]] FactSet facts_of_class(const ClassRow& row, bool readonly);
// "readonly, zero_dim", or "no fact".
[[nodiscard]] std::string describe(const FactSet& facts);

// What the rows say about one word and one memory.
struct TableAnswer {
  enum class Kind : std::uint8_t { must_refuse, may_answer, contested };
  Kind kind = Kind::may_answer;
  std::string_view rule;  // that refuses, or the first that contests
  std::string_view error;  // of a refusal
  std::vector<const ContestedRow*> contested;  // every row that applies
  std::array<const AnswerRow*, 10> fields{};  // by AnswerRow::Field; null where no row speaks
  std::shared_ptr<const TableAnswer> complete_flags;  // of a word with stray bits: its two readings
  std::shared_ptr<const TableAnswer> own_bits;

  [[nodiscard]] const AnswerRow* field(AnswerRow::Field which) const { return fields[static_cast<std::size_t>(which)]; }
  [[nodiscard]] bool holds(AnswerRow::Field which, AnswerRow::Holds what) const {
    const AnswerRow* row = field(which);
    return row == nullptr ? what == AnswerRow::Holds::any : row->holds == what;
  }
};

// The request rows, ready to be asked.  Keeps a reference to `tables`.
class RequestTable {
 public:
  explicit RequestTable(const Tables& tables);

  // The answer to `word` [20-requests.yaml says at its head how it is read from the rows].
  [[nodiscard]] TableAnswer answer(int word, const FactSet& facts, Edition edition, std::uint32_t runtime) const;

  // The bits of flags that are complete in `word`; with every own bit completed to its flag.
  [[nodiscard]] int complete_flags(int word) const;
  [[nodiscard]] int own_bits(int word) const;
  [[nodiscard]] bool has_stray_bits(int word) const;

 private:
  // A reading is a plain word: that it stands for others again is not asked.
  [[nodiscard]] TableAnswer answer(int word, const FactSet& facts, Edition edition, std::uint32_t runtime,
                                   bool is_reading) const;
  [[nodiscard]] bool applies(const RowCondition& when, int word, const FactSet& facts, Edition edition) const;
  [[nodiscard]] bool needs_contiguity(int word) const;

  const Tables& tables_;
  int strides_ = 0;
  int both_orders_ = 0;
  std::vector<int> contiguity_;
};

// What an exporter that grants all it can answers to each word, by the readings that memoryview follows: stray bits
// are dropped, FORMAT without ND is refused, an empty memory is contiguous, and ndim is 1 without ND.  In the 2010
// edition it may also refuse what the current rows refuse of the memory: an exporter may refuse anything.
struct ExpectedAnswer {
  enum class Content : std::uint8_t { null, present, any };
  bool granted = false;
  bool may_refuse = false;  // granted or refused: the founding text allows what today's refuses
  bool system_error = false;  // else a refusal is a BufferError
  bool readonly = false;
  bool ndim_is_one = false;  // else the number of dimensions
  Content shape = Content::null;
  Content strides = Content::null;
  Content suboffsets = Content::null;
  Content format = Content::null;
};
using ExpectedAnswers = std::array<ExpectedAnswer, 1024>;
[[nodiscard]] ExpectedAnswers expected_answers(const RequestTable& table, const FactSet& facts, Edition edition,
                                               std::uint32_t runtime);

// A format as a tree, so that its size needs no parser.
struct FormatTree {
  struct Item {
    const FormatOrderRow* order = nullptr;  // written before the item
    std::optional<ssize> count;
    std::vector<ssize> shape;  // of a sub-array
    int pointers = 0;  // how many & stand before the code
    const FormatCodeRow* code = nullptr;  // null: a structure of `members`
    std::vector<Item> members;
    std::string name;
    bool space_behind = false;
  };
  std::vector<Item> items;
};

struct TableFormatSize {
  ssize size = 0;
  ssize alignment = 1;
};

// How the tree is written.
[[nodiscard]] std::string text_of(const FormatTree& tree);

// The size by the grammar of struct, or nothing where that grammar refuses the text.  `runtime` decides on `since`.
[[nodiscard]] std::optional<ssize> struct_size(const Tables& tables, const FormatTree& tree, std::uint32_t runtime);

// Size and alignment by the grammar of PEP 3118, or nothing where it refuses the text.
[[nodiscard]] std::optional<TableFormatSize> pep3118_size(const Tables& tables, const FormatTree& tree);

}  // namespace bufspec
