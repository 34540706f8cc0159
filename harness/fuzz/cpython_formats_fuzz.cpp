// Format strings nobody thought of: does the interpreter in this process size them as the reference does, and read elements
// of just those that it reads?
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bufspec/format.hpp"
#include "fuzz/property.hpp"
#include "interpreter.hpp"

namespace {

using bufspec::Error;
using bufspec::fuzz::must_hold;
using bufspec::fuzz::Reference;
using bufspec::fuzz::take_error;

constexpr std::size_t longest = 512;  // so that the cache of struct stays small

// Reads element 0 of a memory of that format.
void check_element(std::string& text, bufspec::ssize itemsize) {
  static std::array<char, 4096> memory{};
  if (itemsize < 0 || itemsize > static_cast<bufspec::ssize>(memory.size())) return;
  Py_ssize_t shape = 1;
  Py_ssize_t stride = itemsize;
  Py_buffer view{};
  view.buf = memory.data();
  view.len = view.itemsize = itemsize;
  view.ndim = 1;
  view.format = text.data();
  view.shape = &shape;
  view.strides = &stride;
  const Reference made(PyMemoryView_FromBuffer(&view));
  must_hold(made != nullptr, "there is a memoryview of any format");
  const Reference item(PySequence_GetItem(made.get(), 0));
  const Error error = take_error();
  const bool is_read = bufspec::is_native_single(text, bufspec::fuzz::runtime());
  must_hold(error == Error::none || error == Error::not_implemented_error, "an element is read, or not implemented");
  must_hold((error == Error::none) == is_read, "memoryview reads just the native formats of one code");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  text.resize(std::min({text.size(), text.find('\0'), longest}));
  bufspec::fuzz::start_interpreter();
  const auto owed = bufspec::size_from_format(text, bufspec::fuzz::runtime());
  const Py_ssize_t found = PyBuffer_SizeFromFormat(text.c_str());
  const Error error = take_error();
  must_hold(is_a(error, owed.error), "PyBuffer_SizeFromFormat fails as the reference does");
  must_hold(!owed.ok() || found == owed.value, "PyBuffer_SizeFromFormat finds the size that the reference finds");
  check_element(text, owed.ok() ? owed.value : 1);
  return 0;
}
