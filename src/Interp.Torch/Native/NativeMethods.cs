using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

[assembly: DisableRuntimeMarshalling]

namespace Interp.Native;

/// <summary>The shim's exports, one to one (see <c>native/*.cpp</c>).</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "interp_torch";

    [LibraryImport(Library)] internal static partial nint it_last_error();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint it_op(string name, string overload);
    [LibraryImport(Library)] internal static partial int it_op_arguments(nint op);
    [LibraryImport(Library)] internal static partial nint it_call1(nint op, void* args, int n);
    [LibraryImport(Library)] internal static partial nint it_binary(int rule, nint a, nint b);
    [LibraryImport(Library)] internal static partial int it_call0(nint op, void* args, int n);
    [LibraryImport(Library)] internal static partial int it_call(nint op, void* args, int n, void* outs, int cap);
    [LibraryImport(Library)] internal static partial int it_call_list(nint op, void* args, int n, nint** outs, int* count);
    [LibraryImport(Library)] internal static partial void it_free_list(nint* list);
    [LibraryImport(Library)] internal static partial long it_host_syncs();

    [LibraryImport(Library)] internal static partial void it_free(nint tensor);
    [LibraryImport(Library)] internal static partial nint it_alias(nint tensor);
    [LibraryImport(Library)] internal static partial long it_field(nint tensor, int what);
    [LibraryImport(Library)] internal static partial int it_sizes(nint tensor, long* sizes, int cap);
    [LibraryImport(Library)] internal static partial int it_strides(nint tensor, long* strides, int cap);
    [LibraryImport(Library)] internal static partial nint it_data(nint tensor);
    [LibraryImport(Library)] internal static partial int it_item(nint tensor, int* tag, long* i, double* d, double* imaginary);
    [LibraryImport(Library)] internal static partial int it_set_requires_grad(nint tensor, int on);
    [LibraryImport(Library)] internal static partial int it_promote(int a, int b);
    [LibraryImport(Library)] internal static partial int it_can_cast(int from, int to);

    [LibraryImport(Library)] internal static partial nint it_generator(ulong seed);
    [LibraryImport(Library)] internal static partial nint it_default_generator();
    [LibraryImport(Library)] internal static partial void it_free_generator(nint generator);
    [LibraryImport(Library)] internal static partial int it_generator_seed(nint generator, long seed);
    [LibraryImport(Library)] internal static partial int it_generator_initial_seed(nint generator, long* seed);
    [LibraryImport(Library)] internal static partial int it_generator_random_seed(nint generator, long* seed);
    [LibraryImport(Library)] internal static partial nint it_generator_state(nint generator);
    [LibraryImport(Library)] internal static partial int it_generator_set_state(nint generator, nint state);
    [LibraryImport(Library)] internal static partial int it_manual_seed(long seed);

    [LibraryImport(Library)]
    internal static partial int it_grad(nint* outs, int no, nint* ins, int ni, nint* grads, int ng, int retain, int create, int unused, nint* res);
    [LibraryImport(Library)]
    internal static partial int it_backward(nint* outs, int no, nint* grads, int ng, int retain, int create, nint* ins, int ni);
    [LibraryImport(Library)] internal static partial nint it_get_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int it_set_grad(nint tensor, nint grad);
    [LibraryImport(Library)] internal static partial int it_retain_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int it_grad_mode();
    [LibraryImport(Library)] internal static partial void it_set_grad_mode(int on);
    [LibraryImport(Library)] internal static partial nint it_inference_enter(int on);
    [LibraryImport(Library)] internal static partial void it_inference_leave(nint guard);
    [LibraryImport(Library)] internal static partial int it_inference_mode();
    [LibraryImport(Library)] internal static partial int it_anomaly_mode();
    [LibraryImport(Library)] internal static partial int it_anomaly_check_nan();
    [LibraryImport(Library)] internal static partial int it_set_anomaly_mode(int on, int checkNan);

    [LibraryImport(Library)]
    internal static partial int it_register_hook(
        nint tensor, delegate* unmanaged<long, nint, nint*, int> call, delegate* unmanaged<long, void> release, long id, int* handle);
    [LibraryImport(Library)] internal static partial int it_remove_hook(nint tensor, int handle);
    [LibraryImport(Library)]
    internal static partial nint it_node(
        delegate* unmanaged<long, nint, nint*, int, nint*, int, int> call, delegate* unmanaged<long, void> release, long id, byte* name, nint* ins, int n);
    [LibraryImport(Library)] internal static partial void it_free_node(nint node);
    [LibraryImport(Library)] internal static partial nint it_node_output(nint node, nint tensor, int isInput, int dirty);
    [LibraryImport(Library)] internal static partial int it_node_save(nint node, nint* list, int n, int* isOutput);
    [LibraryImport(Library)] internal static partial int it_node_saved(nint self, nint* list);
    [LibraryImport(Library)] internal static partial int it_node_saved_count(nint self);
    [LibraryImport(Library)] internal static partial int it_node_skip(nint node);

    [LibraryImport(Library)]
    internal static partial int it_shared_attention(nint* shared, nint* own, nint bias, long start, double scale, double cap, nint z);

    [LibraryImport(Library)] internal static partial int it_install_allocator(long cap);
    [LibraryImport(Library)] internal static partial int* it_gc_flag();
    [LibraryImport(Library)] internal static partial void it_gc_rearm(long step);
    [LibraryImport(Library)] internal static partial long it_allocator_stat(int what);
    [LibraryImport(Library)] internal static partial void it_reset_peak();
    [LibraryImport(Library)] internal static partial long it_empty_cache();

    [LibraryImport(Library)] internal static partial int it_abi();
    [LibraryImport(Library)] internal static partial nint it_version();
    [LibraryImport(Library)] internal static partial nint it_show_config();
    [LibraryImport(Library)] internal static partial nint it_parallel_info();
    [LibraryImport(Library)] internal static partial int it_threads();
    [LibraryImport(Library)] internal static partial int it_set_threads(int n);
    [LibraryImport(Library)] internal static partial int it_interop_threads();
    [LibraryImport(Library)] internal static partial int it_set_interop_threads(int n);
    [LibraryImport(Library)] internal static partial int it_cuda_available();
    [LibraryImport(Library)] internal static partial int it_cudnn_available();
    [LibraryImport(Library)] internal static partial int it_cuda_count();
    [LibraryImport(Library)] internal static partial int it_cuda_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int it_cuda_seed_all(ulong seed);
    [LibraryImport(Library)] internal static partial int it_cuda_synchronize(long device);
    [LibraryImport(Library)] internal static partial int it_allow_tf32(int set);
}
