#include "repeats.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "record_file.hpp"

namespace bufspec::recorder {

namespace {

constexpr std::size_t most_content = 7;  // words of arrays and format in a slot

// The fields of a Py_buffer that are compared.
struct Fields {
  std::array<std::uint64_t, offsetof(Py_buffer, internal) / sizeof(std::uint64_t)> words;

  explicit Fields(const Py_buffer& view) noexcept { std::memcpy(words.data(), &view, sizeof words); }
  [[nodiscard]] bool are_of(const Py_buffer& view) const noexcept {
    std::uint64_t differences = 0;
    for (std::size_t i = 0; i < words.size(); ++i) differences |= words[i] ^ Fields(view).words[i];
    return differences == 0;
  }
};

// Three lines of a cache.
struct alignas(64) Slot {
  Call call{};
  SlotNumber next = no_slot;  // what followed last time
  std::uint8_t read = 0;      // answer_bit::* of what is in `content`
  std::uint8_t format_size = 0;
  std::uint64_t kept = 0;
  Fields answer{Py_buffer{}};  // of a release only buf
  std::array<Py_ssize_t, most_content> content{};  // of a release the numbers of its type and its place
};
static_assert(sizeof(Slot) == 192);
// The last one is nobody's: it matches nothing.
std::array<Slot, slot_count + 1> slots;
SlotNumber previous = no_slot;
std::uint64_t count = 0;

// Apart from the slots, so that most of what is in none is seen without a look at one, and what died is found quickly.
std::array<std::uint32_t, slot_count> hashes;
struct Lasting {
  const void* code;
  const void* type;
};
std::array<Lasting, slot_count> lasting;

std::uint32_t hash_of(const Call& call) noexcept {
  const auto bits = [](const void* address) { return std::uint64_t{reinterpret_cast<std::uintptr_t>(address)}; };
  std::uint64_t hash = bits(call.place.instruction) * 0x9e3779b97f4a7c15U;
  hash ^= (bits(call.exporter) >> 4) * 0xc2b2ae3d27d4eb4fU;
  hash ^= (bits(call.view) >> 3) * 0x165667b19e3779f9U;
  hash ^= call.function * 0xd6e8feb86659fd93U;
  return static_cast<std::uint32_t>((hash ^ hash >> 32) >> 7);
}
SlotNumber place_for(std::uint32_t hash) noexcept { return hash % slot_count; }

// Calls each(array) for the arrays that are compared, in their order.
template <typename Each>
bool all_arrays(const Py_buffer& view, std::uint8_t read, Each each) noexcept {
  return ((read & answer_bit::shape) == 0 || each(view.shape)) &&
         ((read & answer_bit::strides) == 0 || each(view.strides)) &&
         ((read & answer_bit::suboffsets) == 0 || each(view.suboffsets));
}

bool has_same_content(const Slot& slot, const Py_buffer& view) noexcept {
  const Py_ssize_t* at = slot.content.data();
  const auto is_same = [&](const Py_ssize_t* array) {
    for (int i = 0; i < view.ndim; ++i)
      if (array[i] != *at++) return false;
    return true;
  };
  if (!all_arrays(view, slot.read, is_same)) return false;
  if ((slot.read & answer_bit::format) == 0) return true;
  // Byte by byte: a format that became shorter may end where its page ends.
  const char* const text = reinterpret_cast<const char*>(at);
  for (std::size_t i = 0; i <= slot.format_size; ++i)
    if (view.format[i] != text[i]) return false;
  return true;
}

bool is_same_request(const Slot& slot, const Call& call, const Py_buffer& answer) noexcept {
  return slot.call == call && slot.answer.are_of(answer) && has_same_content(slot, answer);
}
bool is_same_release(const Slot& slot, const Call& call, const void* memory) noexcept {
  return slot.call == call && slot.answer.words[0] == reinterpret_cast<std::uintptr_t>(memory);
}

template <typename IsSame>
SlotNumber find(const Call& call, IsSame is_same) noexcept {
  const SlotNumber expected = slots[previous].next;
  if (is_same(slots[expected])) return expected;
  const std::uint32_t hash = hash_of(call);
  const SlotNumber other = place_for(hash);
  return hashes[other] == hash && is_same(slots[other]) ? other : no_slot;
}

void come_to(SlotNumber slot) noexcept {
  if (previous != no_slot) slots[previous].next = slot;
  previous = slot;
}

Slot& renew(SlotNumber number, const Call& call) noexcept {
  Slot& slot = slots[number];
  slot.call = call;
  slot.next = no_slot;
  slot.kept = ++count;
  lasting[number] = {call.place.code, call.type};
  come_to(number);
  return slot;
}

// How many words the arrays and the format of an answer take.
std::size_t size_of_content(const Py_buffer& view, std::uint8_t read, std::size_t format_size) noexcept {
  std::size_t words = 0;
  all_arrays(view, read, [&](const Py_ssize_t*) { return words += static_cast<std::size_t>(view.ndim), true; });
  return (read & answer_bit::format) == 0 ? words : words + format_size / sizeof(Py_ssize_t) + 1;
}

}  // namespace

SlotNumber slot_with(const Call& call, const Py_buffer& answer) noexcept {
  return find(call, [&](const Slot& slot) { return is_same_request(slot, call, answer); });
}

KeptRelease release_with(const Call& call, const void* memory) noexcept {
  const SlotNumber number = find(call, [&](const Slot& slot) { return is_same_release(slot, call, memory); });
  if (number == no_slot) return {};
  const Slot& slot = slots[number];
  const auto number_in = [&](std::size_t at) { return static_cast<std::uint64_t>(slot.content[at]); };
  return {number, slot.kept, number_in(0), number_in(1)};
}

bool is_kept_still(const KeptRelease& release) noexcept {
  return release.slot != no_slot && slots[release.slot].kept == release.kept;
}

bool write_again(SlotNumber slot) noexcept {
  if (slots[previous].next == slot) {
    if (!lengthen_run()) return false;
    previous = slot;
    return true;
  }
  unsigned char* const to = open_event();
  if (to == nullptr) return false;
  close_event(kind::again, put(to, std::uint64_t{slot}));
  come_to(slot);
  return true;
}

bool was_seen(const Call& call) noexcept {
  const std::uint32_t hash = hash_of(call);
  return std::exchange(hashes[place_for(hash)], hash) == hash;
}

SlotNumber keep_request(const Call& call, const Py_buffer& answer, std::uint8_t read) noexcept {
  const bool has_format = (read & answer_bit::format) != 0;
  const std::size_t format_size = has_format ? strnlen(answer.format, sizeof Slot::content) : 0;
  if (size_of_content(answer, read, format_size) > most_content) return no_slot;
  const SlotNumber number = place_for(hash_of(call));
  Slot& slot = renew(number, call);
  slot.read = read;
  slot.format_size = static_cast<std::uint8_t>(format_size);
  slot.answer = Fields(answer);
  Py_ssize_t* at = slot.content.data();
  all_arrays(answer, read, [&](const Py_ssize_t* array) {
    for (int i = 0; i < answer.ndim; ++i) *at++ = array[i];
    return true;
  });
  if (has_format) std::memcpy(at, answer.format, format_size + 1);
  return number;
}

SlotNumber keep_release(const Call& call, const void* memory, std::uint64_t type, std::uint64_t place) noexcept {
  const SlotNumber number = place_for(hash_of(call));
  Slot& slot = renew(number, call);
  slot.answer.words[0] = reinterpret_cast<std::uintptr_t>(memory);
  slot.content[0] = static_cast<Py_ssize_t>(type);
  slot.content[1] = static_cast<Py_ssize_t>(place);
  return number;
}

void forget_calls_of(const void* dead) noexcept {
  for (SlotNumber i = 0; i < slot_count; ++i)
    if (lasting[i].code == dead || lasting[i].type == dead) {
      lasting[i] = {};
      slots[i].call = Call{};
    }
}

void forget_repeats() noexcept {
  previous = no_slot;
  lasting = {};
  hashes = {};
  for (Slot& slot : slots) {
    slot.call = Call{};
    slot.next = no_slot;
    slot.kept = 0;
  }
}

}  // namespace bufspec::recorder
