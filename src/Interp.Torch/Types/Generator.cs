using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers on the CPU; the device is ignored, as TorchSharp does.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            _handle = NativeMethods.it_generator(seed);
            if (_handle == 0) NativeError.Throw();
            this.device = device ?? CPU;
        }

        private Generator(nint handle)
        {
            _handle = handle;
            device = CPU;
        }

        public static Generator Default
        {
            get
            {
                var handle = NativeMethods.it_default_generator();
                if (handle == 0) NativeError.Throw();
                return new(handle);
            }
        }

        public nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device { get; }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0) NativeMethods.it_free_generator(handle);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        ~Generator() => Dispose(false);

        public Tensor get_state()
        {
            var state = NativeMethods.it_generator_state(Handle);
            GC.KeepAlive(this);
            if (state == 0) NativeError.Throw();
            return Tensor.Own(state);
        }

        public unsafe long initial_seed()
        {
            long seed;
            if (NativeMethods.it_generator_initial_seed(Handle, &seed) < 0) NativeError.Throw();
            GC.KeepAlive(this);
            return seed;
        }

        public Generator manual_seed(long seed)
        {
            if (NativeMethods.it_generator_seed(Handle, seed) < 0) NativeError.Throw();
            return this;
        }

        public unsafe long seed()
        {
            long seed;
            if (NativeMethods.it_generator_random_seed(Handle, &seed) < 0) NativeError.Throw();
            GC.KeepAlive(this);
            return seed;
        }

        public void set_state(Tensor value)
        {
            if (NativeMethods.it_generator_set_state(Handle, value.Handle) < 0) NativeError.Throw();
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }
    }

    /// <summary>The default generator.</summary>
    public static class random
    {
        public static Tensor get_rng_state() => torch.get_rng_state();

        public static long initial_seed() => torch.initial_seed();

        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long seed() => torch.seed();

        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    public static Generator manual_seed(long seed)
    {
        if (NativeMethods.it_manual_seed(seed) < 0) NativeError.Throw();
        return Generator.Default;
    }

    public static Tensor get_rng_state()
    {
        using var generator = Generator.Default;
        return generator.get_state();
    }

    public static void set_rng_state(Tensor new_state)
    {
        using var generator = Generator.Default;
        generator.set_state(new_state);
    }

    public static long initial_seed()
    {
        using var generator = Generator.Default;
        return generator.initial_seed();
    }

    public static long seed()
    {
        using var generator = Generator.Default;
        return generator.seed();
    }
}
