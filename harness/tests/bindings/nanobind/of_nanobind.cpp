// What users of nanobind inherit: nb::ndarray as a result, which exports a buffer and a tensor of DLPack, and as a parameter.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>

namespace nb = nanobind;

namespace {

template <typename Item>
nb::capsule freed(Item* items) {
  return nb::capsule(items, [](void* memory) noexcept { delete[] static_cast<Item*>(memory); });
}

auto matrix() {
  auto* items = new int[6]{0, 1, 2, 3, 4, 5};
  return nb::ndarray<nb::array_api, int, nb::shape<2, 3>>(items, {2, 3}, freed(items));
}

auto readonly() {
  auto* items = new double[4]{1, 2, 3, 4};
  return nb::ndarray<nb::array_api, const double, nb::ndim<1>>(items, {4}, freed(items));
}

auto every_second() {
  auto* items = new int[6]{0, 9, 1, 9, 2, 9};
  return nb::ndarray<nb::array_api, int, nb::ndim<1>>(items, {3}, freed(items), {2});
}

auto as_memoryview() {
  auto* items = new int[6]{0, 1, 2, 3, 4, 5};
  return nb::ndarray<nb::memview, int, nb::shape<2, 3>>(items, {2, 3}, freed(items));
}

unsigned long total(const nb::ndarray<const unsigned char, nb::ndim<1>, nb::device::cpu>& given) {
  unsigned long found = 0;
  for (std::size_t i = 0; i < given.shape(0); ++i) found += given(i);
  return found;
}

void fill(const nb::ndarray<unsigned char, nb::ndim<1>, nb::device::cpu>& given) {
  for (std::size_t i = 0; i < given.shape(0); ++i) given(i) = static_cast<unsigned char>(i % 251);
}

}  // namespace

NB_MODULE(of_nanobind, module) {
  module.def("matrix", matrix);
  module.def("readonly", readonly);
  module.def("every_second", every_second);
  module.def("as_memoryview", as_memoryview);
  module.def("total", total);
  module.def("fill", fill);
}
