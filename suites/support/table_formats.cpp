// How large a format is, by adding up rows of the format table.
#include "table_side.hpp"

namespace bufspec {

namespace {

bool add(ssize& sum, ssize more) { return !__builtin_add_overflow(sum, more, &sum); }

// `count` times `size`; false where that does not fit.
bool times(ssize& size, ssize count) { return !__builtin_mul_overflow(size, count, &size); }

bool round_up(ssize& size, ssize alignment) {
  const ssize over = alignment > 1 ? size % alignment : 0;
  return over == 0 || add(size, alignment - over);
}

const FormatOrderRow* order_named(const Tables& tables, std::string_view prefix) {
  for (const FormatOrderRow& row : tables.orders)
    if (row.prefix == prefix) return &row;
  return nullptr;
}

void write_items(const std::vector<FormatTree::Item>& items, std::string& text) {
  for (const FormatTree::Item& item : items) {
    if (item.order != nullptr) text += item.order->prefix;
    if (!item.shape.empty()) {
      text += '(';
      for (std::size_t i = 0; i < item.shape.size(); ++i) text += (i ? "," : "") + std::to_string(item.shape[i]);
      text += ')';
    }
    text.append(static_cast<std::size_t>(item.pointers), '&');
    if (item.count) text += std::to_string(*item.count);
    if (item.code != nullptr) {
      text += item.code->code;
    } else {
      text += "T{";
      write_items(item.members, text);
      text += '}';
    }
    if (!item.name.empty()) text += ':' + item.name + ':';
    if (item.space_behind) text += ' ';
  }
}

// One walk over the tree in the order of the text: an order character holds until the next one.
class PepWalk {
 public:
  explicit PepWalk(const Tables& tables) : order_(order_named(tables, "@")) {
    for (const FormatCodeRow& row : tables.codes)
      if (row.code == "&") pointer_ = &row;
  }

  std::optional<TableFormatSize> members(const std::vector<FormatTree::Item>& items, bool outermost) {
    TableFormatSize whole;
    ssize bits = 0;
    const auto end_bits = [&] {
      const bool fits = add(whole.size, bits / 8 + (bits % 8 != 0));
      bits = 0;
      return fits;
    };
    bool first = outermost;
    for (const FormatTree::Item& item : items) {
      if (item.order != nullptr) {
        if (!(first ? item.order->first : item.order->anywhere).in_pep3118) return std::nullopt;
        order_ = item.order;
      }
      first = false;
      ssize repeat = 1;
      for (const ssize extent : item.shape)
        if (!times(repeat, extent)) return std::nullopt;
      const FormatOrderRow* order = order_;  // of the item itself; orders inside it come later
      const auto one = unit(item);
      if (!one) return std::nullopt;
      const bool is_pointer = item.pointers > 0;
      if (!is_pointer && !times(repeat, item.count.value_or(1))) return std::nullopt;
      if (!is_pointer && item.code != nullptr && item.code->code == "t") {
        if (!add(bits, repeat)) return std::nullopt;
        continue;
      }
      if (!end_bits()) return std::nullopt;
      const ssize alignment = order->aligned ? one->alignment : 1;
      if (!round_up(whole.size, alignment)) return std::nullopt;
      whole.alignment = std::max(whole.alignment, alignment);
      // Every one but the last is as far from the next as its alignment asks.
      ssize step = one->size;
      if (!round_up(step, alignment)) return std::nullopt;
      if (repeat > 0 && (!times(step, repeat - 1) || !add(step, one->size) || !add(whole.size, step)))
        return std::nullopt;
    }
    if (!end_bits()) return std::nullopt;
    return whole;
  }

 private:
  // One of the item: size, and the alignment it has where items are aligned.
  std::optional<TableFormatSize> unit(const FormatTree::Item& item) {
    const FormatOrderRow* order = order_;
    std::optional<TableFormatSize> target;
    if (item.code != nullptr) {
      target = of_code(*item.code, *order);
    } else {
      target = members(item.members, false);
    }
    if (!target || item.pointers == 0) return target;
    ssize pointed_to = target->size;  // must fit, though it does not count
    if (!times(pointed_to, item.count.value_or(1))) return std::nullopt;
    return of_code(*pointer_, *order);
  }

  static std::optional<TableFormatSize> of_code(const FormatCodeRow& code, const FormatOrderRow& order) {
    const std::optional<ssize> size = order.native_sizes ? code.native_size : code.pep3118_standard_size;
    if (!size || !code.grammar.in_pep3118) return std::nullopt;
    return TableFormatSize{*size, code.native_align.value_or(1)};
  }

  const FormatOrderRow* order_;
  const FormatCodeRow* pointer_ = nullptr;
};

}  // namespace

std::string text_of(const FormatTree& tree) {
  std::string text;
  write_items(tree.items, text);
  return text;
}

std::optional<ssize> struct_size(const Tables& tables, const FormatTree& tree, std::uint32_t runtime) {
  const FormatOrderRow* order = order_named(tables, "@");
  ssize whole = 0;
  bool first = true;
  for (const FormatTree::Item& item : tree.items) {
    if (item.order != nullptr) {
      if (!(first ? item.order->first : item.order->anywhere).in_struct) return std::nullopt;
      order = item.order;
    }
    first = false;
    if (item.code == nullptr || !item.shape.empty() || item.pointers > 0 || !item.name.empty()) return std::nullopt;
    const FormatCodeRow& code = *item.code;
    if (code.since > 0 ? runtime < code.since : !code.grammar.in_struct) return std::nullopt;
    std::optional<ssize> size = order->native_sizes ? code.native_size : code.standard_size;
    if (!size || !times(*size, item.count.value_or(1))) return std::nullopt;
    if (order->aligned && !round_up(whole, code.native_align.value_or(1))) return std::nullopt;
    if (!add(whole, *size)) return std::nullopt;
  }
  return whole;
}

std::optional<TableFormatSize> pep3118_size(const Tables& tables, const FormatTree& tree) {
  return PepWalk(tables).members(tree.items, true);
}

}  // namespace bufspec
