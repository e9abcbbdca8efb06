using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchSharp.Utils;

/// <summary>Reads and writes a tensor's elements in logical order.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly torch.Tensor? _copy;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _dense;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (!tensor.is_cpu() || tensor.is_conj() || tensor.is_neg())
        {
            _copy = tensor.cpu().resolve_conj().resolve_neg().DetachFromDisposeScope();
            tensor = _copy;
        }
        _tensor = tensor;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _dense = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => Reference(OffsetOf(indices));
        set => Reference(OffsetOf(indices)) = value;
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (long k = 0; k < count; k++) Reference(OffsetAt(tensorIndex + k)) = array[arrayIndex + (int)k];
        GC.KeepAlive(_tensor);
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (_dense)
        {
            _tensor.Raw<T>().Slice((int)tensorIndex, count).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (var k = 0; k < count; k++) array[arrayIndex + k] = Reference(OffsetAt(tensorIndex + k));
        }
        GC.KeepAlive(_tensor);
    }

    public void Dispose() => _copy?.Dispose();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && other.Count == Count && this.SequenceEqual(other);

    public IEnumerator<T> GetEnumerator()
    {
        for (long k = 0; k < Count; k++) yield return At(k);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override int GetHashCode() => _tensor.GetHashCode();

    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result);
        return result;
    }

    public Array ToNDArray()
    {
        if (_shape.Length == 0) return new[] { At(0) };
        var result = Array.CreateInstance(typeof(T), _shape);
        var flat = ToArray();
        var indices = new long[_shape.Length];
        foreach (var value in flat)
        {
            result.SetValue(value, indices);
            for (var d = indices.Length - 1; d >= 0 && ++indices[d] == _shape[d]; d--) indices[d] = 0;
        }
        return result;
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left.Equals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !left.Equals(right);

    /// <summary>The element at a position in logical order.</summary>
    internal T At(long position)
    {
        if (position < 0 || position >= Count) throw new IndexOutOfRangeException($"Position {position} in a tensor of {Count} elements.");
        var value = Reference(OffsetAt(position));
        GC.KeepAlive(_tensor);
        return value;
    }

    private unsafe ref T Reference(long offset) => ref Unsafe.AsRef<T>((T*)_tensor.Address() + offset);

    private long OffsetOf(long[] indices)
    {
        if (indices.Length == 1 && _shape.Length != 1) return OffsetAt(indices[0]);
        if (indices.Length != _shape.Length) throw new IndexOutOfRangeException($"{indices.Length} indices for a tensor of {_shape.Length} dimensions.");
        long offset = 0;
        for (var d = 0; d < indices.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= _shape[d]) throw new IndexOutOfRangeException($"Index {indices[d]} in dimension {d} of size {_shape[d]}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }

    private long OffsetAt(long position)
    {
        if (_dense) return position;
        long offset = 0;
        for (var d = _shape.Length - 1; d >= 0; d--)
        {
            offset += position % _shape[d] * _strides[d];
            position /= _shape[d];
        }
        return offset;
    }
}
