#include "npy_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

namespace bp::cli {
namespace {

using ::testing::HasSubstr;

class NpyFile : public ::testing::Test {
 protected:
  // A file of version 1 with this dictionary and this many bytes of data, all zero.
  void write(const std::string& dictionary, size_t data_bytes, const std::string& magic = "\x93NUMPY") {
    std::ofstream file(path_, std::ios::binary);
    file << magic << '\x01' << '\x00' << static_cast<char>(dictionary.size()) << '\x00' << dictionary
         << std::string(data_bytes, '\0');
  }
  std::string error() { return read_npy_file(path_).status().message(); }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "npy_file_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".npy";
};

TEST_F(NpyFile, ReadsBackWhatItWrote) {
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kFloat16, ElementType::kFloat64, ElementType::kInt8,
        ElementType::kUint8, ElementType::kInt64, ElementType::kBool, ElementType::kComplex128}) {
    Value value = Value::tensor(type, {2, 3}).value();
    auto* bytes = static_cast<unsigned char*>(value.mutable_data());
    std::iota(bytes, bytes + value.size_bytes(), static_cast<unsigned char>(1));
    ASSERT_TRUE(write_npy_file(path_, value).ok());
    const Value found = read_npy_file(path_).value();
    EXPECT_EQ(found.type_string(), value.type_string());
    EXPECT_EQ(std::memcmp(found.data(), value.data(), value.size_bytes()), 0);
  }
}

TEST_F(NpyFile, ReadsScalarsAndEmptyArrays) {
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n", 4);
  EXPECT_EQ(read_npy_file(path_).value().dims(), std::vector<int64_t>());
  write("{'descr': '<i8', 'fortran_order': False, 'shape': (3, 0), }\n", 0);
  EXPECT_EQ(read_npy_file(path_).value().dims(), (std::vector<int64_t>{3, 0}));
}

TEST_F(NpyFile, RefusesOtherOrdersAndTypes) {
  write("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n", 16);
  EXPECT_THAT(error(), HasSubstr("column-major"));
  write("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }\n", 4);
  EXPECT_THAT(error(), HasSubstr("'>f4'"));
  write("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }\n", 12);
  EXPECT_THAT(error(), HasSubstr("'<U3'"));
}

TEST_F(NpyFile, RefusesDataThatDoesNotFillTheShape) {
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n", 15);
  EXPECT_THAT(error(), HasSubstr("15 bytes of data, its shape needs 16"));
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }\n", 16);
  EXPECT_THAT(error(), HasSubstr("too many elements"));
}

TEST_F(NpyFile, RefusesDamagedFiles) {
  write("{}", 0, "\x93NUMPX");
  EXPECT_THAT(error(), HasSubstr("not a .npy file"));
  write("{'descr': '<f4', 'shape': (1,), }\n", 4);
  EXPECT_THAT(error(), HasSubstr("fortran_order"));
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (1, -2), }\n", 4);
  EXPECT_THAT(error(), HasSubstr("damaged shape"));
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", 4);
  std::filesystem::resize_file(path_, 30);
  EXPECT_THAT(error(), HasSubstr("ends within its header"));
  EXPECT_EQ(read_npy_file(path_ + ".none").status().code(), ErrorCode::kNotFound);
}

TEST_F(NpyFile, DoesNotWriteWhatNumPyHasNoTypeFor) {
  const Value value = Value::tensor(ElementType::kBfloat16, {1}).value();
  EXPECT_EQ(write_npy_file(path_, value).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(write_npy_file("/nowhere/x.npy", Value::tensor(ElementType::kInt8, {1}).value()).code(),
            ErrorCode::kIo);
}

}  // namespace
}  // namespace bp::cli
