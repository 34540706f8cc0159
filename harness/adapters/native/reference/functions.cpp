// The reference's functions with the signatures of the C API, over objects of bufspec_subject.h.
#include <cstring>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "bufspec/format.hpp"
#include "bufspec/functions.hpp"
#include "bufspec/layout.hpp"
#include "foreign.hpp"
#include "harness/adapters/native/buffer.hpp"
#include "memoryviews.hpp"
#include "subjects.hpp"

namespace bufspec::native {

namespace {

bufspec_error exception() { return static_cast<bufspec_error>(std::exchange(last_error(), Error::none)); }
void set_exception(bufspec_error error) { last_error() = error_from(error); }

int status_of(Status status) {
  if (status.ok()) return 0;
  last_error() = status.error;
  return -1;
}

Buffer copied(const bufspec_buffer& view) {
  Buffer made;
  std::memcpy(&made, &view, sizeof made);
  return made;
}

int constant(const char* name) {
  constexpr std::pair<std::string_view, int> all[]{
      {"SIMPLE", flag::SIMPLE},
      {"WRITABLE", flag::WRITABLE},
      {"WRITEABLE", flag::WRITABLE},
      {"FORMAT", flag::FORMAT},
      {"ND", flag::ND},
      {"STRIDES", flag::STRIDES},
      {"C_CONTIGUOUS", flag::C_CONTIGUOUS},
      {"F_CONTIGUOUS", flag::F_CONTIGUOUS},
      {"ANY_CONTIGUOUS", flag::ANY_CONTIGUOUS},
      {"INDIRECT", flag::INDIRECT},
      {"CONTIG", flag::CONTIG},
      {"CONTIG_RO", flag::CONTIG_RO},
      {"STRIDED", flag::STRIDED},
      {"STRIDED_RO", flag::STRIDED_RO},
      {"RECORDS", flag::RECORDS},
      {"RECORDS_RO", flag::RECORDS_RO},
      {"FULL", flag::FULL},
      {"FULL_RO", flag::FULL_RO},
      {"READ", flag::READ},
      {"WRITE", flag::WRITE},
      {"MAX_NDIM", max_ndim},
  };
  for (const auto& [known, value] : all)
    if (known == name) return value;
  return -1;
}

int check_buffer(bufspec_object* object) { return object->type->get_buffer != nullptr ? 1 : 0; }

// Hands a request on as it is, so that the object fills the very struct that its caller has.
class Through final : public Object {
 public:
  explicit Through(bufspec_object& object) noexcept : Object(ObjectKind::exporter), object_(object) {}
  [[nodiscard]] bool is_exporter() const noexcept override { return object_.type->get_buffer != nullptr; }
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition, std::uint32_t) noexcept override {
    if (!is_exporter()) return {Error::type_error, "not an exporter"};
    if (object_.type->get_buffer(&object_, &reinterpret_cast<bufspec_buffer&>(view), word) == 0) return {};
    const Error why = std::exchange(last_error(), Error::none);
    return {why == Error::none ? Error::buffer_error : why, "the object refuses"};
  }

 private:
  bufspec_object& object_;
};

int get_buffer(bufspec_object* object, bufspec_buffer* view, int flags) {
  Through through(*object);
  return status_of(bufspec::get_buffer(through, reinterpret_cast<Buffer&>(*view), flags));
}

void release(bufspec_buffer* view) { bufspec_release(view); }

bufspec_ssize size_from_format(const char* format) {
  const Result<ssize> size = bufspec::size_from_format(format);
  if (size.ok()) return size.value;
  last_error() = size.error;
  return -1;
}

int is_contiguous(const bufspec_buffer* view, char order) {
  return bufspec::is_contiguous(copied(*view), order) ? 1 : 0;
}

void fill_contiguous_strides(int ndim, bufspec_ssize* shape, bufspec_ssize* strides, int itemsize, char order) {
  const auto count = static_cast<std::size_t>(ndim);
  static_cast<void>(bufspec::fill_contiguous_strides({shape, count}, itemsize, order, {strides, count}));
}

int fill_info(bufspec_buffer* view, bufspec_object* exporter, void* buf, bufspec_ssize len, int readonly, int flags) {
  if (view == nullptr) return status_of(bufspec::fill_info(nullptr, nullptr, buf, len, readonly != 0, flags));
  auto& filled = reinterpret_cast<Buffer&>(*view);
  const int status = status_of(bufspec::fill_info(&filled, nullptr, buf, len, readonly != 0, flags));
  if (status != 0 || exporter == nullptr) return status;
  view->obj = exporter;
  ++exporter->references;
  return 0;
}

void* get_pointer(const bufspec_buffer* view, const bufspec_ssize* indices) {
  const Buffer struct_of_view = copied(*view);
  const Result<char*> place =
      bufspec::get_pointer(struct_of_view, {indices, static_cast<std::size_t>(struct_of_view.ndim)});
  return place.ok() ? place.value : nullptr;
}

int to_contiguous(void* buf, const bufspec_buffer* view, bufspec_ssize len, char order) {
  return status_of(
      bufspec::to_contiguous({static_cast<char*>(buf), static_cast<std::size_t>(len)}, copied(*view), order));
}

int from_contiguous(const bufspec_buffer* view, const void* buf, bufspec_ssize len, char order) {
  return status_of(
      bufspec::from_contiguous(copied(*view), {static_cast<const char*>(buf), static_cast<std::size_t>(len)}, order));
}

int copy_data(bufspec_object* destination, bufspec_object* source) {
  ForeignObject to(*destination);
  ForeignObject from(*source);
  return status_of(bufspec::copy_data(to, from));
}

}  // namespace

const bufspec_functions& reference_functions() {
  static const bufspec_functions described = [] {
    bufspec_functions made{};
    made.size = sizeof made;
    made.exception = exception;
    made.set_exception = set_exception;
    made.constant = constant;
    made.check_buffer = check_buffer;
    made.get_buffer = get_buffer;
    made.release = release;
    made.size_from_format = size_from_format;
    made.is_contiguous = is_contiguous;
    made.fill_contiguous_strides = fill_contiguous_strides;
    made.fill_info = fill_info;
    made.get_pointer = get_pointer;
    made.to_contiguous = to_contiguous;
    made.from_contiguous = from_contiguous;
    made.copy_data = copy_data;
    add_arguments(made);
    add_memoryviews(made);
    add_values(made);
    return made;
  }();
  return described;
}

}  // namespace bufspec::native
