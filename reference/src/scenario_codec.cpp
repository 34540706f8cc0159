// Which bytes spell a scenario?  decode() gives every byte string a meaning, encode() is its inverse.
// Few bytes make a small ordinary scenario, so that a fuzzer meets the interesting ones soon: small extents and strides
// in items take one byte, anything else a mark and its bytes.  Missing bytes are 0.
#include <algorithm>
#include <array>
#include <string_view>

#include "bufspec/format.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "scenario_call.hpp"
#include "scenario_layout.hpp"

namespace bufspec {

namespace {

constexpr int max_decoded_ndim = 8;
constexpr std::uint8_t wide_ndim = 0xc0;  // of a consumer's memory: the mark of up to max_ndim dimensions
constexpr ssize max_decoded_bytes = 32768;  // of all elements together, and how far strides reach
constexpr ssize max_decoded_indirect_bytes = 4096;  // the same where there are pointers, each with a block behind it
constexpr ssize largest_small_extent = 4;
constexpr ssize largest_small_stride = 5;
constexpr ssize largest_suboffset = 63;
constexpr ssize largest_margin = 15;
constexpr ssize pointer_bytes = 8;
constexpr std::uint8_t wide_extent = 0xf0;
constexpr std::uint8_t wide_stride = 0x80;
constexpr std::uint8_t widest_stride = 0xc0;
constexpr std::uint8_t spelled_format = 0xff;  // of a consumer's memory: its length and its text follow
constexpr ssize largest_spelled_item = 1024;

// Formats by number; a new one goes to the end, so that what was recorded keeps its meaning.
constexpr std::array<std::string_view, 37> formats{"B",
                                                   "b",
                                                   "c",
                                                   "?",
                                                   "h",
                                                   "H",
                                                   "i",
                                                   "I",
                                                   "l",
                                                   "L",
                                                   "q",
                                                   "Q",
                                                   "n",
                                                   "N",
                                                   "e",
                                                   "f",
                                                   "d",
                                                   "P",
                                                   "<i",
                                                   ">i",
                                                   "=q",
                                                   ">d",
                                                   "3s",
                                                   "0s",
                                                   "Zd",
                                                   "g",
                                                   "2i",
                                                   "O",
                                                   "w",
                                                   "5w",
                                                   "bi",
                                                   "=hd",
                                                   "&<i",
                                                   "9t",
                                                   "T{i:a:d:b:}",
                                                   "T{<b:a:3x<i:b:}",
                                                   "T{(2,3)<h:m:}"};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}
  [[nodiscard]] bool is_done() const noexcept { return position_ >= bytes_.size(); }
  std::uint8_t next() noexcept { return is_done() ? std::uint8_t{0} : bytes_[position_++]; }

  // `count` bytes, the lowest first, as a signed number of that width if `is_signed`.
  std::int64_t number(int count, bool is_signed) noexcept {
    std::uint64_t bits = 0;
    for (int i = 0; i < count; ++i) bits |= std::uint64_t{next()} << (8 * i);
    if (is_signed && count < 8 && (bits >> (8 * count - 1)) != 0) bits |= ~std::uint64_t{0} << (8 * count);
    return static_cast<std::int64_t>(bits);
  }

  // So many bytes, or as many as there are.
  std::span<const std::uint8_t> take(std::size_t count) noexcept {
    const auto taken = bytes_.subspan(std::min(position_, bytes_.size()), std::min(count, bytes_.size() - position_));
    position_ += taken.size();
    return taken;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

class Writer {
 public:
  void put(std::int64_t number, int count = 1) {
    const auto bits = static_cast<std::uint64_t>(number);
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
  }
  void put(std::span<const std::uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  std::vector<std::uint8_t> take() noexcept { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// How the strides of a layout are spelled.
enum class Strides : std::uint8_t { each, c_order, fortran_order };

// The last dimension that ends in a pointer; -1 if none does.
int last_indirect(const Layout& layout) noexcept {
  int last = -1;
  for (int d = 0; layout.has_suboffsets && d < layout.ndim; ++d)
    if (layout.suboffsets[static_cast<std::size_t>(d)] >= 0) last = d;
  return last;
}

ssize read_stride(Reader& reader, ssize unit) noexcept {
  const std::uint8_t mark = reader.next();
  if (mark >= widest_stride) return static_cast<ssize>(reader.number(8, true));
  if (mark >= wide_stride) return static_cast<ssize>(reader.number(2, true));
  return (mark % (2 * largest_small_stride + 1) - largest_small_stride) * unit;
}

void write_stride(Writer& writer, ssize stride, ssize unit) {
  if (unit > 0 && stride % unit == 0 && stride / unit >= -largest_small_stride &&
      stride / unit <= largest_small_stride) {
    writer.put(stride / unit + largest_small_stride);
  } else if (stride >= -32768 && stride <= 32767) {
    writer.put(wide_stride);
    writer.put(stride, 2);
  } else {
    writer.put(widest_stride);
    writer.put(stride, 8);
  }
}

void read_shape(Reader& reader, Layout& layout, bool may_be_indirect) noexcept {
  const ssize room = may_be_indirect ? max_decoded_indirect_bytes : max_decoded_bytes;
  ssize bytes = std::max<ssize>(layout.itemsize, may_be_indirect ? pointer_bytes : 1);
  for (int d = 0; d < layout.ndim; ++d) {
    const std::uint8_t small = reader.next();
    ssize extent = small >= wide_extent ? reader.next() : small % (largest_small_extent + 1);
    if (extent > room / bytes) extent = 1;
    if (extent > 0) bytes *= extent;
    layout.shape[static_cast<std::size_t>(d)] = extent;
  }
}

void read_suboffsets(Reader& reader, Layout& layout) noexcept {
  for (int d = 0; d < layout.ndim; ++d) {
    const std::uint8_t byte = reader.next();
    layout.suboffsets[static_cast<std::size_t>(d)] = byte % 2 == 1 ? -1 : (byte / 2) % (largest_suboffset + 1);
  }
  layout.has_suboffsets = true;
  layout.has_suboffsets = last_indirect(layout) >= 0;
}

// Strides as the bytes say, where the elements then stay within reach and pointers do not overlap; else 0.
void read_strides(Reader& reader, Layout& layout) noexcept {
  const int indirect = last_indirect(layout);
  ssize room = indirect >= 0 ? max_decoded_indirect_bytes : max_decoded_bytes;
  for (int n = 0; n < layout.ndim; ++n) {
    const auto d = static_cast<std::size_t>(n);
    const bool is_pointer = n <= indirect;
    ssize stride = read_stride(reader, is_pointer ? pointer_bytes : layout.itemsize);
    if (layout.shape[d] > 1) {
      const ssize distance = layout.shape[d] - 1;
      const bool overlaps = is_pointer && stride % pointer_bytes != 0;
      if (overlaps || stride > room / distance || stride < -(room / distance)) stride = 0;
      room -= (stride < 0 ? -stride : stride) * distance;
    }
    layout.strides[d] = stride;
  }
}

int read_ndim(Reader& reader, Target target) noexcept {
  const std::uint8_t byte = reader.next();
  const int wide = byte % max_ndim + 1;
  if (target == Target::consumer && byte >= wide_ndim && wide > max_decoded_ndim) return wide;
  return byte % (max_decoded_ndim + 1);
}

bool can_be_spelled(std::string_view format) noexcept {
  const Result<FormatSize> size = format_size(format);
  return format.size() < 256 && size.ok() && size.value.size <= largest_spelled_item;
}

std::string read_format(Reader& reader, Target target) {
  const std::uint8_t number = reader.next();
  if (target != Target::consumer || number != spelled_format) return std::string(formats[number % formats.size()]);
  std::string text(reader.next(), ' ');
  for (char& one : text) one = static_cast<char>(reader.next());
  return can_be_spelled(text) ? text : std::string(formats[0]);
}

Layout read_layout(Reader& reader, Target target) {
  Layout layout;
  layout.ndim = read_ndim(reader, target);
  const std::uint8_t bits = reader.next();
  layout.readonly = (bits & 1) != 0;
  layout.has_strides = (bits & 2) != 0 && layout.ndim > 0;
  layout.format = read_format(reader, target);
  layout.itemsize = format_size(layout.format).value.size;
  const std::uint8_t margins = reader.next();
  const bool may_be_indirect = (bits & 4) != 0 && layout.has_strides;
  read_shape(reader, layout, may_be_indirect);
  if (may_be_indirect) read_suboffsets(reader, layout);
  if (layout.has_strides) {
    const int spelling = (bits >> 3) % 4;
    if (spelling == static_cast<int>(Strides::c_order))
      (void)canonical_strides(layout, 'C', layout.strides);
    else if (spelling == static_cast<int>(Strides::fortran_order))
      (void)canonical_strides(layout, 'F', layout.strides);
    else
      read_strides(reader, layout);
  }
  fit_block(layout, margins % 16, margins / 16);
  return layout;
}

bool is_numbered(std::string_view format) noexcept {
  return std::find(formats.begin(), formats.end(), format) != formats.end();
}

// The format that can be written, with its size: another one of the same size, or the first, where this one cannot.
void take_writable_format(Layout& layout, Target target) {
  const bool is_spelled = target == Target::consumer && can_be_spelled(layout.format) &&
                          format_size(layout.format).value.size == layout.itemsize;
  if (!is_spelled && !is_numbered(layout.format)) {
    const auto same = std::find_if(formats.begin(), formats.end(), [&](std::string_view one) {
      return format_size(one).value.size == layout.itemsize;
    });
    layout.format = same == formats.end() ? formats[0] : *same;
  }
  layout.itemsize = format_size(layout.format).value.size;
}

void write_format(Writer& writer, std::string_view format) {
  if (is_numbered(format)) {
    writer.put(std::find(formats.begin(), formats.end(), format) - formats.begin());
    return;
  }
  writer.put(spelled_format);
  writer.put(static_cast<std::int64_t>(format.size()));
  for (const char one : format) writer.put(static_cast<unsigned char>(one));
}

Strides spelling_of(const Layout& layout) noexcept {
  const auto begin = layout.strides.begin();
  const auto end = begin + layout.ndim;
  Extents canonical{};
  if (canonical_strides(layout, 'C', canonical) && std::equal(begin, end, canonical.begin())) return Strides::c_order;
  if (canonical_strides(layout, 'F', canonical) && std::equal(begin, end, canonical.begin()))
    return Strides::fortran_order;
  return Strides::each;
}

void write_layout(Writer& writer, const Layout& given, Target target) {
  Layout layout = given;
  layout.ndim = std::clamp(layout.ndim, 0, target == Target::consumer ? max_ndim : max_decoded_ndim);
  take_writable_format(layout, target);
  layout.has_strides = layout.has_strides && layout.ndim > 0;
  layout.has_suboffsets = layout.has_strides && is_indirect(layout);
  for (ssize& extent : layout.shape) extent = std::clamp<ssize>(extent, 0, 255);
  for (ssize& suboffset : layout.suboffsets) suboffset = std::clamp<ssize>(suboffset, -1, largest_suboffset);

  const Margins margins = is_indirect(layout) ? Margins{} : margins_of(layout);
  const Strides spelling = spelling_of(layout);
  writer.put(layout.ndim <= max_decoded_ndim ? layout.ndim : wide_ndim + layout.ndim - 1);
  writer.put((layout.readonly ? 1 : 0) | (layout.has_strides ? 2 : 0) | (layout.has_suboffsets ? 4 : 0) |
             (layout.has_strides ? static_cast<int>(spelling) << 3 : 0));
  write_format(writer, layout.format);
  writer.put(std::clamp<ssize>(margins.lead, 0, largest_margin) | std::clamp<ssize>(margins.trail, 0, largest_margin)
                                                                      << 4);
  const auto ndim = static_cast<std::size_t>(layout.ndim);
  for (std::size_t d = 0; d < ndim; ++d) {
    if (layout.shape[d] > largest_small_extent) writer.put(wide_extent);
    writer.put(layout.shape[d]);
  }
  for (std::size_t d = 0; layout.has_suboffsets && d < ndim; ++d)
    writer.put(layout.suboffsets[d] < 0 ? 1 : 2 * layout.suboffsets[d]);
  if (!layout.has_strides || spelling != Strides::each) return;
  const int indirect = last_indirect(layout);
  for (std::size_t d = 0; d < ndim; ++d)
    write_stride(writer, layout.strides[d], static_cast<int>(d) <= indirect ? pointer_bytes : layout.itemsize);
}

// A step of an exporter begins with one byte.  Its two highest bits say which of these families it is of, bit 0 which
// of the two, bits 1 to 3 the slot, bits 4 and 5 how many bytes the flags take.
constexpr std::array families{std::array{StepKind::acquire, StepKind::release},
                              std::array{StepKind::acquire_direct, StepKind::release_copy},
                              std::array{StepKind::read, StepKind::write}};
// The fourth family has no slot: bits 0 to 3 say which of these it is.
constexpr std::array slotless{StepKind::mutate, StepKind::collect, StepKind::drop,    StepKind::reenter,
                              StepKind::repeat, StepKind::threads, StepKind::another, StepKind::hold};
// A release whose bits 4 and 5 are set is made while an exception is set.
constexpr int while_raising = 3 << 4;
constexpr std::array flags_widths{1, 2, 4, 2};
constexpr std::uint8_t wide_count = 0xf0;

// A step of a consumer begins with one byte, too: bits 0 to 2 say which of these it is, bits 3 to 5 the slot.
constexpr std::array of_consumers{StepKind::consume, StepKind::read,   StepKind::release, StepKind::collect,
                                  StepKind::drop,    StepKind::repeat, StepKind::threads};

bool has_flags(StepKind kind) noexcept {
  return kind == StepKind::acquire || kind == StepKind::acquire_direct || has_operation(kind) ||
         kind == StepKind::reenter || has_count(kind);
}

int read_count(Reader& reader) noexcept {
  const std::uint8_t small = reader.next();
  if (small < wide_count) return small;
  return static_cast<int>(reader.number(3, false) % (max_count + 1));
}

void write_count(Writer& writer, int given) {
  const int count = std::clamp(given, 0, max_count);
  if (count < wide_count) {
    writer.put(count);
  } else {
    writer.put(wide_count);
    writer.put(count, 3);
  }
}

Step read_step_of_consumer(Reader& reader) noexcept {
  const std::uint8_t bits = reader.next();
  Step step;
  step.kind = of_consumers[(bits & 7) % of_consumers.size()];
  if (use_of_slot(step.kind) != SlotUse::none) step.slot = static_cast<std::uint8_t>((bits >> 3) % max_slots);
  if (has_count(step.kind)) step.count = read_count(reader);
  return step;
}

void write_step_of_consumer(Writer& writer, const Step& step) {
  const auto place = std::find(of_consumers.begin(), of_consumers.end(), step.kind);
  if (place == of_consumers.end()) return;  // not for consumers
  const bool has_slot = use_of_slot(step.kind) != SlotUse::none;
  writer.put((place - of_consumers.begin()) | (has_slot ? step.slot % max_slots : 0) << 3);
  if (has_count(step.kind)) write_count(writer, step.count);
}

Step read_step(Reader& reader, Target target) noexcept {
  if (target == Target::consumer) return read_step_of_consumer(reader);
  const std::uint8_t bits = reader.next();
  if (target == Target::function) return {StepKind::call, 0, 0};
  const std::size_t family = bits >> 6;
  Step step;
  if (family < families.size()) {
    step.kind = families[family][bits & 1];
    step.slot = static_cast<std::uint8_t>((bits >> 1) % max_slots);
    if (step.kind == StepKind::release && (bits & while_raising) == while_raising)
      step.kind = StepKind::release_raising;
  } else {
    step.kind = slotless[(bits & 15) % slotless.size()];
  }
  if (has_flags(step.kind)) step.flags = static_cast<int>(reader.number(flags_widths[(bits >> 4) % 4U], false));
  if (has_count(step.kind)) step.count = read_count(reader);
  return step;
}

void write_step(Writer& writer, const Step& step, Target target) {
  if (target == Target::consumer) return write_step_of_consumer(writer, step);
  if (target == Target::function) return writer.put(0);  // one kind of step, told by the target
  if (step.kind == StepKind::consume || step.kind == StepKind::call) return;  // not for exporters
  int bits = 0;
  const bool is_raising = step.kind == StepKind::release_raising;
  const StepKind kind = is_raising ? StepKind::release : step.kind;
  const auto place = std::find(slotless.begin(), slotless.end(), kind);
  if (place != slotless.end()) bits = 3 << 6 | static_cast<int>(place - slotless.begin());
  for (std::size_t family = 0; family < families.size(); ++family)
    for (std::size_t i = 0; i < families[family].size(); ++i)
      if (families[family][i] == kind) bits = static_cast<int>(family << 6 | i) | (step.slot % max_slots) << 1;
  const int width = step.flags >= 0 && step.flags <= 0xff ? 0 : step.flags >= 0 && step.flags <= 0xffff ? 1 : 2;
  const bool flagged = has_flags(step.kind);
  writer.put(bits | (flagged ? width : 0) << 4 | (is_raising ? while_raising : 0));
  if (flagged) writer.put(step.flags, 1 << width);
  if (has_count(step.kind)) write_count(writer, step.count);
}

// Of a function's scenario the byte that says what is called: 0 for `function`, the number of a check, or this for a call.
constexpr std::size_t call_mark = runtime_checks.size() + 1;

// Whether the memory of a function or a consumer stands in the scenario.
bool needs_layout(const Scenario& scenario) noexcept {
  return scenario.target != Target::exporter && !scenario.check && scenario.call == nullptr;
}

// The first byte of an exporter's scenario whose one step is a check, but for the bit of the edition; that of the check
// is the only other.  Of the spellings of an exporter one that no scenario of other steps begins with.
constexpr int of_a_check = 0xf3;
constexpr int of_the_edition = 4;

bool is_check(const Scenario& scenario) noexcept {
  return scenario.target == Target::exporter && scenario.check.has_value();
}

// Of the first byte of a consumer's scenario: what our exporter does is spelled in front of the layout.
constexpr int has_behaviours = 16;

bool is_odd_exporter(const Scenario& scenario) noexcept {
  return (scenario.behaviours & behaviour::all) != 0 || scenario.refused_requests != 0;
}

}  // namespace

Layout decode_layout(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes);
  return read_layout(reader, Target::exporter);
}

Scenario decode(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes);
  Scenario scenario;
  const std::uint8_t bits = reader.next();
  scenario.target = static_cast<Target>(bits % 4 % 3);
  scenario.edition = (bits & 4) != 0 ? Edition::founding_2010 : Edition::current;
  if ((bits & ~of_the_edition) == of_a_check) {
    scenario.check = exporter_checks[reader.next() % exporter_checks.size()];
    scenario.steps = {{StepKind::call, 0, 0}};
    return scenario;
  }
  if (scenario.target == Target::function) {
    const std::uint8_t letter = reader.next();
    scenario.order = letter < 3 ? "CFA"[letter] : static_cast<char>(letter);
    const std::size_t what = reader.next() % (call_mark + 1);
    if (what == call_mark)
      scenario.call =
          std::make_shared<const Call>(call_from(reader.take(static_cast<std::size_t>(reader.number(4, false)))));
    else if (what > 0)
      scenario.check = runtime_checks[what - 1];
  }
  if (scenario.target == Target::consumer && (bits & has_behaviours) != 0) {
    scenario.behaviours = static_cast<std::uint32_t>(reader.number(4, false)) & behaviour::all;
    scenario.refused_requests = reader.next();
  }
  // An exporter may be ready-made, and checks and calls need none; the others are always given a memory.
  if ((bits & 8) != 0 || needs_layout(scenario)) scenario.layout = read_layout(reader, scenario.target);

  std::array<bool, max_slots> held{};
  while (!reader.is_done() && scenario.steps.size() < max_steps) {
    const Step step = read_step(reader, scenario.target);
    if (scenario.target != Target::function) {
      // A view is acquired, or a result kept, in a free slot, and released, read and written while it is held; other
      // steps say nothing.
      const SlotUse use = use_of_slot(step.kind);
      if (use != SlotUse::none && held[step.slot] == (use == SlotUse::takes)) continue;
      if (use == SlotUse::takes || use == SlotUse::frees) held[step.slot] = use == SlotUse::takes;
    }
    scenario.steps.push_back(step);
  }
  return scenario;
}

std::vector<std::uint8_t> encode(const Scenario& scenario) {
  Writer writer;
  if (is_check(scenario)) {
    writer.put(of_a_check | (scenario.edition == Edition::founding_2010 ? of_the_edition : 0));
    writer.put(std::find(exporter_checks.begin(), exporter_checks.end(), *scenario.check) - exporter_checks.begin());
    return writer.take();
  }
  const bool is_odd = scenario.target == Target::consumer && is_odd_exporter(scenario);
  writer.put(static_cast<int>(scenario.target) | (scenario.edition == Edition::founding_2010 ? 4 : 0) |
             (scenario.layout ? 8 : 0) | (is_odd ? has_behaviours : 0));
  if (is_odd) {
    writer.put(scenario.behaviours & behaviour::all, 4);
    writer.put(scenario.refused_requests);
  }
  if (scenario.target == Target::function) {
    writer.put(static_cast<std::uint8_t>(scenario.order));
    const auto* const check = scenario.check ? std::find(runtime_checks.begin(), runtime_checks.end(), *scenario.check)
                                             : runtime_checks.end();
    writer.put(scenario.call != nullptr        ? static_cast<std::int64_t>(call_mark)
               : check == runtime_checks.end() ? 0
                                               : check - runtime_checks.begin() + 1);
    if (scenario.call != nullptr) {
      const auto bytes = bytes_of(*scenario.call);
      writer.put(static_cast<std::int64_t>(bytes.size()), 4);
      writer.put(bytes);
    }
  }
  if (scenario.layout)
    write_layout(writer, *scenario.layout, scenario.target);
  else if (needs_layout(scenario))
    write_layout(writer, Layout{}, scenario.target);
  for (const Step& step : scenario.steps) write_step(writer, step, scenario.target);
  return writer.take();
}

}  // namespace bufspec
