// The whole shim as one translation unit: libtorch's headers are parsed once.
#include "call.cpp"
#include "tensor.cpp"
#include "autograd.cpp"
#include "attention.cpp"
#include "allocator.cpp"
#include "runtime.cpp"
