#include "described.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "bufspec/trace.hpp"
#include "suites/engine/observe/probe.hpp"

namespace bufspec::native {

namespace {

constexpr std::size_t most_subjects = 4096;
constexpr std::size_t most_operations = 64;
constexpr std::size_t longest_name = 80;
constexpr const char* see_header =
    "see bufspec_subject.h, and build the library and bufspec with the same version of it";

Refusal wrong(std::string where, std::string what, std::string hint = see_header) {
  return {std::move(where), std::move(what), std::move(hint)};
}

// Copies `size` bytes; false where they cannot be read.
bool copy(const void* from, void* to, std::size_t size) {
  return from != nullptr && engine::read_safely(from, {static_cast<char*>(to), size}) == size;
}

// The text at `from`, of `characters` and not empty; nothing where there is no such.
std::optional<std::string> text_at(const char* from, std::string_view characters) {
  std::array<char, longest_name + 1> bytes{};
  if (from == nullptr) return std::nullopt;
  const std::string_view read(bytes.data(), engine::read_safely(from, bytes));
  const std::string_view text = read.substr(0, read.find('\0'));
  if (text.size() == read.size() || text.empty() || text.find_first_not_of(characters) != text.npos)
    return std::nullopt;
  return std::string(text);
}

constexpr std::string_view lower_case = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view any_case = "abcdefghijklmnopqrstuvwxyz0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZ";

template <typename Function>
const void* address_of(Function* function) {
  const void* address = nullptr;
  std::memcpy(&address, &function, sizeof address);
  return address;
}

// A member that is a function: its name, where it points, and whether it may be missing.
struct Call {
  const char* name;
  const void* address;
  bool is_needed = false;
};

Refusal check_calls(const std::string& where, std::initializer_list<Call> calls) {
  for (const Call& call : calls) {
    if (call.address == nullptr && call.is_needed)
      return wrong(where + "." + call.name, "is NULL, but it is needed", "point it at a function");
    if (call.address != nullptr && !is_code(call.address))
      return wrong(where + "." + call.name, "points at no function", see_header);
  }
  return {};
}

// Copies a struct that begins with its size; members behind the end of a shorter one are 0.
template <typename Struct>
Refusal copy_struct(const std::string& where, const void* from, std::size_t least, Struct& to) {
  std::size_t size = 0;
  if (!copy(from, &size, sizeof size)) return wrong(where, "points at memory that cannot be read");
  if (size < least || size > (std::size_t{1} << 16))
    return wrong(where + ".size",
                 "is " + std::to_string(size) + ", and the struct has " + std::to_string(sizeof to) + " bytes",
                 "set it to sizeof of the struct");
  if (!copy(from, &to, std::min(size, sizeof to))) return wrong(where, "points at memory that cannot be read");
  return {};
}

Refusal check_operations(const std::string& where, const bufspec_exporter& exporter) {
  if (exporter.operation_count > most_operations)
    return wrong(where + ".operation_count", "is " + std::to_string(exporter.operation_count),
                 "at most " + std::to_string(most_operations));
  for (std::size_t i = 0; i < exporter.operation_count; ++i) {
    const std::string member = where + ".operations[" + std::to_string(i) + "]";
    bufspec_operation operation{};
    if (!copy(exporter.operations == nullptr ? nullptr : exporter.operations + i, &operation, sizeof operation))
      return wrong(member, "points at memory that cannot be read");
    if (!text_at(operation.name, lower_case))
      return wrong(member + ".name", "is no name", "lower case letters, digits and _: \"resize\"");
    Refusal refusal = check_calls(member, {{"run", address_of(operation.run), true}});
    if (!refusal.what.empty()) return refusal;
  }
  return {};
}

Refusal check_exporter(const std::string& where, const bufspec_exporter& one) {
  Refusal refusal = check_calls(where, {{"make", address_of(one.make), true},
                                        {"get_buffer", address_of(one.get_buffer), true},
                                        {"release", address_of(one.release), true},
                                        {"drop", address_of(one.drop), true},
                                        {"build", address_of(one.build)},
                                        {"references", address_of(one.references)},
                                        {"exception", address_of(one.exception)},
                                        {"set_exception", address_of(one.set_exception)},
                                        {"get_buffer_slot", address_of(one.get_buffer_slot)},
                                        {"is_object", address_of(one.is_object)},
                                        {"collect", address_of(one.collect)},
                                        {"use", address_of(one.use)}});
  if (!refusal.what.empty()) return refusal;
  char byte = 0;
  if (one.elements != nullptr &&
      (one.elements_len < 0 ||
       (one.elements_len > 0 && (!copy(one.elements, &byte, 1) ||
                                 !copy(static_cast<const char*>(one.elements) + one.elements_len - 1, &byte, 1)))))
    return wrong(where + ".elements", "cannot be read to its end, elements_len",
                 "the elements of an object in C order");
  return check_operations(where, one);
}

Refusal check_consumer(const std::string& where, const bufspec_consumer& one) {
  if (one.kind > BUFSPEC_KEEPS)
    return wrong(where + ".kind", "is " + std::to_string(one.kind), "BUFSPEC_READS, BUFSPEC_FILLS or BUFSPEC_KEEPS");
  if ((one.accepts & ~capability::all) != 0) return wrong(where + ".accepts", "has bits that say nothing");
  return check_calls(where, {{"consume", address_of(one.consume), true},
                             {"give_up", address_of(one.give_up)},
                             {"bytes", address_of(one.bytes)}});
}

Refusal check_functions(const std::string& where, const bufspec_functions& one) {
  Refusal refusal = check_calls(
      where, {{"exception", address_of(one.exception), true}, {"set_exception", address_of(one.set_exception), true}});
  if (!refusal.what.empty()) return refusal;
  // The rest of the struct is functions, each of which may be missing.
  for (std::size_t at = offsetof(bufspec_functions, constant); at < sizeof one; at += sizeof(void*)) {
    const void* address = nullptr;
    std::memcpy(&address, reinterpret_cast<const char*>(&one) + at, sizeof address);
    if (address != nullptr && !is_code(address))
      return wrong(where, "its member at byte " + std::to_string(at) + " points at no function");
  }
  return {};
}

Refusal describe(const bufspec_subject& said, const std::string& where, const std::string& library,
                 Described& described) {
  const auto name = text_at(said.name, any_case);
  if (!name) return wrong(where + ".name", "is no name", "letters, digits and _, at most 80 of them");
  described.name = library + "." + *name;
  Refusal refusal;
  switch (said.target) {
    case BUFSPEC_TARGET_EXPORTER:
      described.target = Target::exporter;
      refusal = copy_struct(*name, said.what, offsetof(bufspec_exporter, elements), described.exporter);
      return refusal.what.empty() ? check_exporter(*name, described.exporter) : refusal;
    case BUFSPEC_TARGET_CONSUMER:
      described.target = Target::consumer;
      refusal = copy_struct(*name, said.what, offsetof(bufspec_consumer, give_up), described.consumer);
      return refusal.what.empty() ? check_consumer(*name, described.consumer) : refusal;
    case BUFSPEC_TARGET_FUNCTIONS:
      described.target = Target::function;
      refusal = copy_struct(*name, said.what, offsetof(bufspec_functions, constant), described.functions);
      return refusal.what.empty() ? check_functions(*name, described.functions) : refusal;
    default:
      return wrong(where + ".target", "is " + std::to_string(said.target),
                   "BUFSPEC_EXPORTER(...), BUFSPEC_CONSUMER(...) and BUFSPEC_FUNCTIONS(...) set it");
  }
}

}  // namespace

bool is_code(const void* address) {
  // What may be executed changes only as libraries are loaded: it is looked up again where an address is not in it.
  static std::vector<std::pair<std::uintptr_t, std::uintptr_t>> known;
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  const auto has = [wanted](const auto& one) { return one.first <= wanted && wanted < one.second; };
  if (std::any_of(known.begin(), known.end(), has)) return true;
  known.clear();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    std::array<char, 5> may{};
    if (std::sscanf(line.c_str(), "%zx-%zx %4s", &first, &end, may.data()) == 3 && may[2] == 'x')
      known.emplace_back(first, end);
  }
  return std::any_of(known.begin(), known.end(), has);
}

Refusal described_in(const bufspec_table* table, std::vector<Described>& subjects) {
  bufspec_table found{};
  if (table == nullptr) return wrong(BUFSPEC_SYMBOL "()", "returned NULL", "return the table of subjects");
  if (!copy(table, &found, sizeof found)) return wrong(BUFSPEC_SYMBOL "()", "returned memory that cannot be read");
  if (found.magic != BUFSPEC_SUBJECT_MAGIC)
    return wrong(BUFSPEC_SYMBOL "()", "returned no table: it does not begin with BUFSPEC_SUBJECT_MAGIC");
  if (found.version != BUFSPEC_SUBJECT_VERSION)
    return wrong("version",
                 "is " + std::to_string(found.version) + ", and this bufspec knows version " +
                     std::to_string(BUFSPEC_SUBJECT_VERSION),
                 "build the library with the bufspec_subject.h of this bufspec, or install the bufspec of that one");
  const auto library = text_at(found.library, lower_case);
  if (!library) return wrong("library", "is no name", "lower case letters, digits and _, at most 80 of them");
  if (found.count == 0)
    return wrong("count", "is 0: there is no subject", "name one: BUFSPEC_EXPORTER(matrix, &matrix)");
  if (found.count > most_subjects)
    return wrong("count", "is " + std::to_string(found.count),
                 "at most " + std::to_string(most_subjects) + " subjects");
  for (std::size_t i = 0; i < found.count; ++i) {
    const std::string where = "subjects[" + std::to_string(i) + "]";
    bufspec_subject said{};
    if (!copy(found.subjects == nullptr ? nullptr : found.subjects + i, &said, sizeof said))
      return wrong(where, "points at memory that cannot be read");
    Described& described = subjects.emplace_back();
    Refusal refusal = describe(said, where, *library, described);
    if (!refusal.what.empty()) return refusal;
    const auto is_same = [&](const Described& one) { return &one != &described && one.name == described.name; };
    if (std::any_of(subjects.begin(), subjects.end(), is_same))
      return wrong(where + ".name", "is " + described.name + ", like that of an earlier one",
                   "each needs its own name");
  }
  return {};
}

}  // namespace bufspec::native
