// What the request rows answer.
#include "table_side.hpp"

namespace bufspec {

namespace {

bool asks_for(int word, int wanted) { return (word & wanted) == wanted; }

constexpr std::string_view buffer_error = "BufferError";

}  // namespace

RequestTable::RequestTable(const Tables& tables) : tables_(tables) {
  strides_ = tables.flag_value("STRIDES").value_or(0);
  both_orders_ = tables.flag_value("C_CONTIGUOUS").value_or(0) | tables.flag_value("F_CONTIGUOUS").value_or(0);
  for (const FlagRow& row : tables.flags)
    if (row.name.ends_with("_CONTIGUOUS")) contiguity_.push_back(row.value);
}

bool RequestTable::needs_contiguity(int word) const {
  if (!asks_for(word, strides_)) return true;
  for (const int value : contiguity_)
    if (asks_for(word, value)) return true;
  return false;
}

int RequestTable::complete_flags(int word) const {
  int kept = 0;
  for (const FlagRow& row : tables_.flags)
    if (asks_for(word, row.value)) kept |= row.value;
  return kept;
}

int RequestTable::own_bits(int word) const {
  int made = word;
  for (const FlagRow& row : tables_.flags)
    if ((word & row.own_bit) != 0) made |= row.value;
  return made;
}

bool RequestTable::has_stray_bits(int word) const {
  for (const FlagRow& row : tables_.flags)
    if ((word & row.own_bit) != 0 && !asks_for(word, row.value)) return true;
  return false;
}

bool RequestTable::applies(const RowCondition& when, int word, const FactSet& facts, Edition edition) const {
  if (!when.editions.holds_in(edition)) return false;
  if (when.asks && !asks_for(word, *when.asks)) return false;
  if (when.lacks && asks_for(word, *when.lacks)) return false;
  for (std::size_t i = 0; i < memory_fact_count; ++i)
    if (when.memory[i] && *when.memory[i] != facts[i]) return false;
  if (when.stray_bits && !has_stray_bits(word)) return false;
  if (when.both_orders && !asks_for(word, both_orders_)) return false;
  return !when.needs_contiguity || needs_contiguity(word);
}

TableAnswer RequestTable::answer(int word, const FactSet& facts, Edition edition, std::uint32_t runtime) const {
  return answer(word, facts, edition, runtime, false);
}

TableAnswer RequestTable::answer(int word, const FactSet& facts, Edition edition, std::uint32_t runtime,
                                 bool is_reading) const {
  using Kind = TableAnswer::Kind;
  TableAnswer made;
  for (const ReservedRow& row : tables_.reserved) {
    if (!row.editions.holds_in(edition) || runtime < row.since) continue;
    for (const int reserved : row.words)
      if (reserved == word) return {Kind::must_refuse, row.rule, row.error, {}, {}, {}, {}};
  }
  for (const ContestedRow& row : tables_.contested)
    if (applies(row.when, word, facts, edition)) made.contested.push_back(&row);

  // A word that may stand for other words is refused only if each of them is: it has no refusals of its own.
  bool stands_for_others = false;
  for (const ContestedRow* row : made.contested) {
    for (const ReadingRow& reading : row->readings) {
      if (reading.as == ReadingRow::As::itself || is_reading) continue;
      stands_for_others = true;
      const bool own = reading.as == ReadingRow::As::own_bits;
      auto other = std::make_shared<const TableAnswer>(
          answer(own ? own_bits(word) : complete_flags(word), facts, edition, runtime, true));
      (own ? made.own_bits : made.complete_flags) = std::move(other);
    }
  }
  if (stands_for_others) {
    const TableAnswer* refusal = nullptr;
    bool all_refuse = true;
    for (const auto* reading : {made.complete_flags.get(), made.own_bits.get()}) {
      if (reading == nullptr) continue;
      if (reading->kind != Kind::must_refuse) all_refuse = false;
      if (refusal == nullptr) refusal = reading;
    }
    if (all_refuse) return {Kind::must_refuse, refusal->rule, refusal->error, {}, {}, {}, {}};
  } else {
    for (const RefusalRow& row : tables_.refusals)
      if (applies(row.when, word, facts, edition)) return {Kind::must_refuse, row.rule, buffer_error, {}, {}, {}, {}};
  }

  if (!made.contested.empty()) {
    made.kind = Kind::contested;
    made.rule = made.contested.front()->rule;
  }
  const int seen = made.complete_flags ? complete_flags(word) : word;
  for (const AnswerRow& row : tables_.answers) {
    const AnswerRow*& field = made.fields[static_cast<std::size_t>(row.field)];
    if (field == nullptr && applies(row.when, seen, facts, edition)) field = &row;
  }
  return made;
}

namespace {

ExpectedAnswer::Content content_of(const TableAnswer& answer, AnswerRow::Field field) {
  using Content = ExpectedAnswer::Content;
  const AnswerRow* row = answer.field(field);
  if (row == nullptr || row->holds == AnswerRow::Holds::any) return Content::any;
  return row->holds == AnswerRow::Holds::null ? Content::null : Content::present;
}

ExpectedAnswer expected_from(const TableAnswer& answer, const FactSet& facts) {
  using Field = AnswerRow::Field;
  ExpectedAnswer made;
  if (answer.kind == TableAnswer::Kind::must_refuse) {
    made.system_error = answer.error != buffer_error;
    return made;
  }
  if (answer.complete_flags) return expected_from(*answer.complete_flags, facts);
  bool ndim_free = false;
  for (const ContestedRow* row : answer.contested) {
    for (const ReadingRow& reading : row->readings) {
      if (reading.name == "refused") return made;
      if (reading.name == "one") ndim_free = true;
    }
  }
  made.granted = true;
  made.ndim_is_one = ndim_free;
  made.readonly =
      !answer.holds(Field::readonly, AnswerRow::Holds::zero) && facts[static_cast<std::size_t>(MemoryFact::readonly)];
  made.shape = content_of(answer, Field::shape);
  made.strides = content_of(answer, Field::strides);
  made.suboffsets = content_of(answer, Field::suboffsets);
  made.format = content_of(answer, Field::format);
  return made;
}

}  // namespace

ExpectedAnswers expected_answers(const RequestTable& table, const FactSet& facts, Edition edition,
                                 std::uint32_t runtime) {
  ExpectedAnswers made;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const int word = static_cast<int>(i);
    made[i] = expected_from(table.answer(word, facts, edition, runtime), facts);
    if (edition == Edition::current || !made[i].granted) continue;
    const TableAnswer today = table.answer(table.complete_flags(word), facts, Edition::current, runtime);
    made[i].may_refuse = today.kind == TableAnswer::Kind::must_refuse;
  }
  return made;
}

}  // namespace bufspec
