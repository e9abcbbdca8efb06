namespace Interp;

using System.Buffers.Binary;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The pickle of a dictionary from names to tensors, in protocol 2, as <c>torch.save</c> writes it.</summary>
internal sealed class StateDictionaryPickle
{
    private readonly MemoryStream bytes = new();

    /// <exception cref="ArgumentException">Two tensors have the same name, or one has a type that the format lacks.</exception>
    public static byte[] Of(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        if (tensors.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"Two tensors are named '{twice.Key}': give one of them another name.", nameof(tensors));
        var pickle = new StateDictionaryPickle();
        pickle.Op(0x80, 2).Op('}').Op('('); // an empty dictionary, and a mark before its items
        for (var i = 0; i < tensors.Count; i++)
            pickle.Text(tensors[i].Name).Tensor(tensors[i].Tensor, i);
        return pickle.Op('u').Op('.').bytes.ToArray();
    }

    // _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)
    private StateDictionaryPickle Tensor(Tensor tensor, int index)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", PickleGlobals.StorageName(tensor.dtype)).Text(NumberText.Fixed(index, 0)).Text("cpu").Number(tensor.numel()).Op('t', 'Q');
        var strides = new long[tensor.shape.Length];
        for (var (axis, step) = (strides.Length - 1, 1L); axis >= 0; step *= Math.Max(1, tensor.shape[axis]), axis--)
            strides[axis] = step;
        return Number(0).Numbers(tensor.shape).Numbers(strides).Op(0x89).Global("collections", "OrderedDict").Op(')', 'R', 't', 'R');
    }

    private StateDictionaryPickle Numbers(long[] values)
    {
        Op('(');
        foreach (var value in values)
            Number(value);
        return Op('t');
    }

    private StateDictionaryPickle Number(long value)
    {
        Span<byte> wide = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(wide, value);
        if (value <= byte.MaxValue)
            return Op('K').Raw(wide[..1]);
        return value <= int.MaxValue ? Op('J').Raw(wide[..4]) : Op(0x8A, 8).Raw(wide);
    }

    private StateDictionaryPickle Text(string text)
    {
        var encoded = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, encoded.Length);
        return Op('X').Raw(length).Raw(encoded);
    }

    private StateDictionaryPickle Global(string module, string name) => Op('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    private StateDictionaryPickle Op(params ReadOnlySpan<int> codes)
    {
        foreach (var code in codes)
            bytes.WriteByte((byte)code);
        return this;
    }

    private StateDictionaryPickle Raw(ReadOnlySpan<byte> content)
    {
        bytes.Write(content);
        return this;
    }
}
