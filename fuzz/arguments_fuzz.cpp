// Arguments nobody thought of: do the codes y*, s*, z*, w* and those with # take what they say, and does each view come
// back exactly once?  Needs no subject; judges the reference alone.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/arguments.hpp"
#include "bufspec/memoryview.hpp"
#include "drawn.hpp"
#include "memory.hpp"

namespace {

using bufspec::Buffer;
using bufspec::Error;
using bufspec::Exporter;
using bufspec::Object;
using bufspec::ObjectKind;
using bufspec::fuzz::Drawn;
using bufspec::fuzz::must_hold;

constexpr std::array<std::string_view, 6> star_codes{"y*", "s*", "z*", "w*", "q*", ""};
constexpr std::array<std::string_view, 4> borrowing_codes{"y#", "s#", "z#", "w#"};

// Objects of all kinds, over one memory.
struct Objects {
  Exporter exporter;
  bufspec::Text text;
  Object none{ObjectKind::none};
  Object number{ObjectKind::number};
  bufspec::Redirect redirect{exporter};
  bufspec::MemoryViewPointer view;

  Objects(const bufspec::Layout& layout, std::string utf8) : text(std::move(utf8)) {
    if (!exporter.build(layout).ok()) must_hold(exporter.build({}).ok(), "a memory of no bytes can be built");
    auto made = bufspec::MemoryView::from_object(exporter);
    must_hold(made.ok(), "there is a memoryview of each memory");
    view = std::move(made.value);
  }

  [[nodiscard]] Object& of(std::size_t kind) {
    const std::array<Object*, 6> all{&exporter, &text, &none, &number, &redirect, view.get()};
    return *all[kind % all.size()];
  }
};

// Whether the code takes the object, by what the table says of both.
bool is_taken(std::string_view code, Object& object) {
  if (code != "y*" && code != "s*" && code != "z*" && code != "w*") return false;
  if (object.kind() == ObjectKind::none) return code == "z*";
  if (object.kind() == ObjectKind::text)
    return (code == "s*" || code == "z*") && static_cast<bufspec::Text&>(object).is_encodable();
  if (!object.is_exporter()) return false;
  const bufspec::fuzz::Held all(object);
  // An empty line whose stride is not the itemsize is contiguous to an exporter, and not to a memoryview (AMB-16), but where it has one
  // item, of no byte.
  const bool is_odd_line =
      all.view.ndim == 1 && all.view.len == 0 && all.view.shape[0] != 1 && all.view.strides[0] != all.view.itemsize;
  if (object.kind() == ObjectKind::memoryview && is_odd_line) return false;
  return bufspec::is_contiguous(all.view, 'C') && (code != "w*" || all.view.readonly == 0);
}

void check_one(std::string_view code, Object& object) {
  Buffer view{};
  const bool is_owed = is_taken(code, object);
  const bufspec::Status status = bufspec::parse_argument(code, object, view);
  must_hold(status.ok() == is_owed, "a code takes just what it says");
  if (!status.ok()) {
    must_hold(view.obj == nullptr, "of an argument that was refused nothing is held");
    must_hold(code != "w*" || status.error == Error::type_error, "w* refuses by a TypeError");
    return;
  }
  must_hold(view.ndim <= 1 && view.suboffsets == nullptr && view.len >= 0, "an argument is a line of bytes");
  if (object.kind() == ObjectKind::none) must_hold(view.buf == nullptr && view.obj == nullptr, "None has no memory");
  if (object.kind() == ObjectKind::text) {
    const std::string& utf8 = static_cast<bufspec::Text&>(object).utf8();
    must_hold(view.readonly != 0, "the memory of a text is read-only");
    must_hold(std::string_view(static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len)) == utf8,
              "a text is shown as its UTF-8");
  }
  bufspec::release(view);
  must_hold(view.obj == nullptr, "a release clears obj");
}

void check_borrowed(std::string_view code, Object& object) {
  const auto borrowed = bufspec::borrow_argument(code, object);
  must_hold(!borrowed.ok() || !(object.is_exporter() && object.has_release_slot()),
            "nothing is borrowed from an exporter that must be released");
  if (borrowed.ok() && object.kind() == ObjectKind::text)
    must_hold(borrowed.value == static_cast<bufspec::Text&>(object).utf8(), "a text is borrowed as its UTF-8");
}

// Several in a row: all, or none.
void check_row(Drawn& drawn, Objects& objects) {
  std::vector<std::string_view> codes;
  std::vector<Object*> given;
  bool is_owed = true;
  for (std::size_t n = drawn.below(5); n > 0; --n) {
    codes.push_back(star_codes[drawn.below(star_codes.size())]);
    given.push_back(&objects.of(drawn.byte()));
    is_owed = is_owed && is_taken(codes.back(), *given.back());
  }
  std::vector<Buffer> views(codes.size());
  const bool is_ok = bufspec::parse_arguments(codes, given, views).ok();
  must_hold(is_ok == is_owed, "a row of arguments is taken if each is");
  if (!is_ok) return;
  for (Buffer& view : views) bufspec::release(view);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Drawn drawn({data, size});
  const bufspec::Layout layout = drawn.layout();
  const auto letters = drawn.take(drawn.below(16));
  {
    Objects objects(layout, std::string(letters.begin(), letters.end()));
    const std::string utf8 = objects.text.utf8();
    for (int n = 0; n < 16 && !drawn.is_done(); ++n) {
      Object& object = objects.of(drawn.byte());
      const std::uint8_t what = drawn.byte();
      if (what % 3 == 0)
        check_row(drawn, objects);
      else if (what % 3 == 1)
        check_one(star_codes[what / 3 % star_codes.size()], object);
      else
        check_borrowed(borrowing_codes[what / 3 % borrowing_codes.size()], object);
    }
    must_hold(objects.text.utf8() == utf8, "an argument is not changed by being taken");
    must_hold(objects.exporter.exports() == 1 && objects.view->exports() == 0, "each view came back exactly once");
    must_hold(objects.text.references() == 1 && objects.none.references() == 1 && objects.redirect.references() == 1,
              "each reference came back exactly once");
    must_hold(objects.view->release().ok(), "a memoryview that nobody uses can be released");
    must_hold(objects.exporter.references() == 1, "each reference came back exactly once");
  }
  return 0;
}
