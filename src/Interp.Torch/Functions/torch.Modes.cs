using Interp.Native;

namespace TorchSharp;

// Gradient modes, threads, devices.
public static partial class torch
{
    public static string __version__ => "0.106.0";

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => NativeMethods.it_grad_mode() != 0;

    public static bool is_inference_mode_enabled() => NativeMethods.it_inference_mode() != 0;

    public static int get_num_threads() => NativeMethods.it_threads();

    public static int get_num_interop_threads() => NativeMethods.it_interop_threads();

    public static void set_num_threads(int num)
    {
        if (NativeMethods.it_set_threads(num) < 0) NativeError.Throw();
    }

    public static void set_num_interop_threads(int num)
    {
        if (NativeMethods.it_set_interop_threads(num) < 0) NativeError.Throw();
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType)) throw new InvalidOperationException($"This libtorch has no usable device of kind {deviceType}.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType is DeviceType.CPU or DeviceType.META || (deviceType == DeviceType.CUDA && cuda.is_available());

    public static Device InitializeDevice(Device? device)
    {
        var chosen = device ?? get_default_device();
        InitializeDeviceType(chosen.type);
        return chosen;
    }

    public static bool cuda_is_available() => cuda.is_available();

    public static bool mps_is_available() => false;

    /// <summary>CUDA devices.</summary>
    public static class cuda
    {
        public static bool is_available() => NativeMethods.it_cuda_available() != 0;

        public static bool is_cudnn_available() => NativeMethods.it_cudnn_available() != 0;

        public static int device_count() => NativeMethods.it_cuda_count();

        public static void manual_seed(long seed)
        {
            if (NativeMethods.it_cuda_seed((ulong)seed) < 0) NativeError.Throw();
        }

        public static void manual_seed_all(long seed)
        {
            if (NativeMethods.it_cuda_seed_all((ulong)seed) < 0) NativeError.Throw();
        }

        public static void synchronize(Device? device = null)
        {
            if (NativeMethods.it_cuda_synchronize(device?.index ?? -1) < 0) NativeError.Throw();
        }
    }

    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();
        private bool _left;

        internal GradMode(bool on) => NativeMethods.it_set_grad_mode(on ? 1 : 0);

        public void Dispose()
        {
            if (_left) return;
            _left = true;
            NativeMethods.it_set_grad_mode(_before ? 1 : 0);
        }
    }

    // The native guard must be left on the thread that entered it.
    private sealed class InferenceMode : IDisposable
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private nint _guard;

        internal InferenceMode(bool on)
        {
            _guard = NativeMethods.it_inference_enter(on ? 1 : 0);
            if (_guard == 0) NativeError.Throw();
        }

        public void Dispose()
        {
            if (_guard == 0) return;
            if (_thread != Environment.CurrentManagedThreadId) throw new InvalidOperationException("Inference mode must be left on the thread that entered it.");
            NativeMethods.it_inference_leave(_guard);
            _guard = 0;
        }
    }
}
