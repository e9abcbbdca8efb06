using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Interp.Native;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    // Elements read and written by managed code.
    public partial class Tensor
    {
        /// <summary>
        /// The elements' memory: of a contiguous tensor on the CPU, in place. Setting copies; the lengths must agree.
        /// </summary>
        /// <exception cref="InvalidOperationException">The tensor is not contiguous or not on the CPU.</exception>
        public Span<byte> bytes
        {
            get
            {
                if (!is_cpu()) throw new InvalidOperationException($"The bytes of a tensor on {device} cannot be read in place: call cpu() first.");
                if (!is_contiguous()) throw new InvalidOperationException("The bytes of a tensor that is not contiguous cannot be read in place: call contiguous() first.");
                return Raw<byte>();
            }
            set
            {
                var own = bytes;
                if (own.Length != value.Length) throw new ArgumentException($"{value.Length} bytes for a tensor of {own.Length} bytes.");
                value.CopyTo(own);
            }
        }

        /// <summary>Access to the elements by their C# type, strides respected. A tensor on another device is copied to the CPU first.</summary>
        /// <exception cref="ArgumentException">The type is not the tensor's.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            Check<T>();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The value of a tensor of one element.</summary>
        /// <exception cref="ArgumentException">The tensor has more than one element, or another type: casts convert.</exception>
        public unsafe T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException($"item() needs a tensor of one element; this one has {NumberOfElements}.");
            Check<T>();
            if (device_type == DeviceType.CPU && !is_conj() && !is_neg())
            {
                var value = Unsafe.ReadUnaligned<T>((void*)Address());
                GC.KeepAlive(this);
                return value;
            }
            using var here = cpu().resolve_conj().resolve_neg();
            var copied = Unsafe.ReadUnaligned<T>((void*)here.Address());
            GC.KeepAlive(here);
            return copied;
        }

        /// <summary>The value of a tensor of one element, whatever its type.</summary>
        public unsafe Scalar ToScalar()
        {
            int tag;
            long integer;
            double real, imaginary;
            if (NativeMethods.it_item(Handle, &tag, &integer, &real, &imaginary) < 0) NativeError.Throw();
            GC.KeepAlive(this);
            return tag switch
            {
                Arg.BoolTag => integer != 0,
                Arg.IntTag => integer,
                Arg.StringTag => new System.Numerics.Complex(real, imaginary),
                _ => Scalar.Of(dtype, real),
            };
        }

        public bool is_nonzero() => this.ToBoolean();

        public T ReadCpuValue<T>(long i) where T : unmanaged => data<T>().At(i);

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public float ReadCpuFloat16(long i) => (float)ReadCpuValue<Half>(i);

        public float ReadCpuBFloat16(long i)
        {
            if (dtype != ScalarType.BFloat16) throw new ArgumentException($"The tensor is {dtype}, not BFloat16.");
            using var wide = to(ScalarType.Float32);
            return wide.ReadCpuSingle(i);
        }

        /// <summary>Fills the tensor from a stream; it must be contiguous and on the CPU.</summary>
        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024) => stream.ReadExactly(bytes);

        /// <summary>Writes the elements to a stream, in order.</summary>
        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var here = cpu();
            using var dense = here.contiguous();
            stream.Write(dense.bytes);
        }

        internal nint Address()
        {
            var address = NativeMethods.it_data(Handle);
            if (address == 0) NativeError.ThrowIfAny();
            return address;
        }

        internal unsafe Span<T> Raw<T>() where T : unmanaged
        {
            var count = NumberOfElements * ElementSize / sizeof(T);
            if (count > int.MaxValue) throw new InvalidOperationException($"{count} elements do not fit in one span: take the tensor in parts.");
            return count == 0 ? default : new Span<T>((void*)Address(), (int)count);
        }

        private void Check<T>() where T : unmanaged
        {
            var wanted = TypeOf<T>();
            if (wanted != dtype) throw new ArgumentException($"The tensor is {dtype}, not {wanted?.ToString() ?? typeof(T).Name}: convert it with to().");
        }

        internal static ScalarType? TypeOf<T>() where T : unmanaged
        {
            if (typeof(T) == typeof(float)) return ScalarType.Float32;
            if (typeof(T) == typeof(long)) return ScalarType.Int64;
            if (typeof(T) == typeof(double)) return ScalarType.Float64;
            if (typeof(T) == typeof(int)) return ScalarType.Int32;
            if (typeof(T) == typeof(bool)) return ScalarType.Bool;
            if (typeof(T) == typeof(byte)) return ScalarType.Byte;
            if (typeof(T) == typeof(sbyte)) return ScalarType.Int8;
            if (typeof(T) == typeof(short)) return ScalarType.Int16;
            if (typeof(T) == typeof(Half)) return ScalarType.Float16;
            if (typeof(T) == typeof((float, float))) return ScalarType.ComplexFloat32;
            return typeof(T) == typeof(System.Numerics.Complex) ? ScalarType.ComplexFloat64 : null;
        }
    }
}
