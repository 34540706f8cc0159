// Is each request and each memory in the class that its flags, or what it takes, put it in?
#include "suites/engine/classes.hpp"

#include <gtest/gtest.h>

#include "bufspec/trace.hpp"

namespace bufspec::engine {

namespace {

TEST(ClassesTest, CompoundsStandInTheOrderOfTheirClasses) {
  for (std::size_t i = 0; i < compounds.size(); ++i) {
    EXPECT_EQ(index_of(class_of_request(compounds[i].word)), i / 2) << compounds[i].name;
    EXPECT_EQ(compound_number(compounds[i].word), i) << compounds[i].name;
    EXPECT_EQ(flag_from(compounds[i].name), compounds[i].word) << compounds[i].name;
  }
}

TEST(ClassesTest, AnyWordHasAClass) {
  EXPECT_EQ(class_of_request(flag::C_CONTIGUOUS), Class::strided);
  EXPECT_EQ(class_of_request(flag::ANY_CONTIGUOUS | flag::FORMAT), Class::formatted);
  EXPECT_EQ(class_of_request(flag::INDIRECT), Class::indirect);
  EXPECT_EQ(class_of_request(flag::FORMAT), Class::simple);
  EXPECT_EQ(class_of_request(flag::ND | flag::FORMAT), Class::contiguous);
  EXPECT_EQ(class_of_request(0x110), Class::simple);  // own bits alone ask for nothing
  EXPECT_EQ(compound_number(flag::C_CONTIGUOUS), std::nullopt);
}

TEST(ClassesTest, MemoriesAreClassedByWhatTheyTake) {
  EXPECT_EQ(class_of_memory(capability::contiguous), Class::simple);
  EXPECT_EQ(class_of_memory(capability::contiguous | capability::readonly), Class::simple);
  EXPECT_EQ(class_of_memory(capability::contiguous | capability::items | capability::structures), Class::contiguous);
  EXPECT_EQ(class_of_memory(capability::contiguous | capability::several_dims), Class::contiguous);
  EXPECT_EQ(class_of_memory(capability::contiguous | capability::zero_dim), Class::contiguous);
  EXPECT_EQ(class_of_memory(capability::strided | capability::items), Class::strided);
  EXPECT_EQ(class_of_memory(capability::fortran | capability::several_dims), Class::strided);
  EXPECT_EQ(class_of_memory(capability::fortran | capability::byte_order), Class::formatted);
  EXPECT_EQ(class_of_memory(capability::strided | capability::structures), Class::formatted);
  EXPECT_EQ(class_of_memory(capability::indirect | capability::structures), Class::indirect);
}

}  // namespace

}  // namespace bufspec::engine
