namespace Interp;

using System.Globalization;
using System.Numerics;

/// <summary>Reads one pickle into numbers, texts, lists, dictionaries and descriptions of tensors.</summary>
/// <remarks>
/// A pickle is a program for a stack machine that can name functions and have them called. 1. Values are pushed and gathered as pickle's
/// protocols 0 to 5 say. 2. A name that is not in <see cref="PickleGlobals"/> ends the reading. 3. A call becomes a description of
/// what it stands for (<see cref="PickleCalls"/>); no code of a file is run. Source: Python's <c>pickletools</c>, torch's <c>_weights_only_unpickler</c>.
/// </remarks>
internal sealed class PickleMachine(PickleInput input)
{
    private readonly List<List<object?>> outer = [];
    private readonly Dictionary<ulong, object?> memo = [];
    private readonly Dictionary<string, PickledStorage> storages = new(StringComparer.Ordinal);
    private List<object?> stack = [];

    /// <summary>The storages that the pickle referred to so far.</summary>
    public IReadOnlyDictionary<string, PickledStorage> Storages => storages;

    /// <summary>Runs until the pickle's own end and gives its value.</summary>
    /// <exception cref="InvalidDataException">The pickle is damaged, or names what is not allowed.</exception>
    public object? Read()
    {
        while (true)
        {
            var place = input.Position;
            var code = input.Byte();
            if (code == '.')
                return Pop();
            if (!Number(code) && !Text(code) && !Collection(code) && !Memory(code) && !Call(code))
                throw PickleError.Bad(input.File, $"byte {place:N0} is 0x{code:X2}, which is no operation of a pickle of tensors: it is damaged, or no pickle");
        }
    }

    private bool Number(byte code)
    {
        switch ((char)code)
        {
            case 'N': Push(null); return true;
            case '\x88': Push(true); return true;
            case '\x89': Push(false); return true;
            case 'K': Push((long)input.Byte()); return true;
            case 'M': Push((long)input.Unsigned(2)); return true;
            case 'J': Push((long)(int)input.Unsigned(4)); return true;
            case '\x8a': Push(Long(input.Byte())); return true;
            case '\x8b': Push(Long(input.Unsigned(4))); return true;
            case 'G': Push(input.Float64()); return true;
            case 'I': Push(WholeLine()); return true;
            case 'L': Push(WholeLine()); return true;
            case 'F': Push(FloatLine()); return true;
            default: return false;
        }
    }

    private bool Text(byte code)
    {
        switch ((char)code)
        {
            case 'X': Push(input.Text(input.Unsigned(4))); return true;
            case '\x8c': Push(input.Text(input.Unsigned(1))); return true;
            case '\x8d': Push(input.Text(input.Unsigned(8))); return true;
            case 'U': Push(input.Text(input.Unsigned(1))); return true;
            case 'T': Push(input.Text(input.Unsigned(4))); return true;
            case 'C': Push(input.Bytes(input.Unsigned(1))); return true;
            case 'B': Push(input.Bytes(input.Unsigned(4))); return true;
            case '\x8e': Push(input.Bytes(input.Unsigned(8))); return true;
            default: return false;
        }
    }

    private bool Collection(byte code)
    {
        switch ((char)code)
        {
            case '(': outer.Add(stack); stack = []; return true;
            case ')': Push(Array.Empty<object?>()); return true;
            case '\x85': PushTuple(1); return true;
            case '\x86': PushTuple(2); return true;
            case '\x87': PushTuple(3); return true;
            case 't': PushMarked(items => items.ToArray()); return true;
            case ']': Push(new List<object?>()); return true;
            case 'l': PushMarked(items => items); return true;
            case 'a': Append([Pop()]); return true;
            case 'e': Append(Marked()); return true;
            case '\x8f': Push(new List<object?>()); return true;
            case '\x90': Append(Marked()); return true;
            case '\x91': PushMarked(items => items); return true;
            case '}': Push(new PickleDict()); return true;
            case 'd': PushMarked(items => Fill(new PickleDict(), items)); return true;
            case 's': SetOne(); return true;
            case 'u': SetMany(); return true;
            default: return false;
        }
    }

    private bool Memory(byte code)
    {
        switch ((char)code)
        {
            case '\x80': CheckProtocol(input.Byte()); return true;
            case '\x95': input.Unsigned(8); return true; // a frame: how much to read ahead
            case '0': Drop(); return true;
            case '1': Marked(); return true;
            case '2': Push(Peek()); return true;
            case 'q': memo[input.Byte()] = Peek(); return true;
            case 'r': memo[input.Unsigned(4)] = Peek(); return true;
            case 'p': memo[MemoLine()] = Peek(); return true;
            case '\x94': memo[(ulong)memo.Count] = Peek(); return true;
            case 'h': Push(Recall(input.Byte())); return true;
            case 'j': Push(Recall(input.Unsigned(4))); return true;
            case 'g': Push(Recall(MemoLine())); return true;
            default: return false;
        }
    }

    private bool Call(byte code)
    {
        switch ((char)code)
        {
            case 'c': Push(PickleGlobals.Find(input.File, input.Line(), input.Line())); return true;
            case '\x93': var name = Pop(); Push(PickleGlobals.Find(input.File, Text(Pop()), Text(name))); return true;
            case 'R': var arguments = Pop(); Push(PickleCalls.Result(input.File, Pop(), arguments)); return true;
            case '\x81': var given = Pop(); Push(PickleCalls.Result(input.File, Pop(), given)); return true;
            case 'b': Build(); return true;
            case 'Q': PushStorage(); return true;
            case 'i' or 'o' or '\x92': throw PickleError.Bad(input.File, "it makes an object of a class: only tensors, texts, numbers, lists and dictionaries are read. Save its state_dict() from Python");
            default: return false;
        }
    }

    private void PushStorage()
    {
        var storage = PickleCalls.Storage(input.File, Pop());
        if (!storages.TryAdd(storage.Key, storage) && storages[storage.Key] != storage)
            throw PickleError.Bad(input.File, $"it describes its storage '{storage.Key}' in two ways");
        Push(storages[storage.Key]);
    }

    // State of an ordered dictionary is what Python code hung on it, such as _metadata; the values are in the dictionary itself.
    private void Build()
    {
        Pop();
        if (Peek() is not PickleDict)
            throw PickleError.Bad(input.File, "it gives a state to something that is no dictionary");
    }

    private void Push(object? value) => stack.Add(value);

    private object? Pop()
    {
        var value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object? Peek() => stack.Count > 0 ? stack[^1] : throw Empty();

    private void Drop()
    {
        if (stack.Count > 0)
            Pop();
        else
            Marked();
    }

    private List<object?> Marked()
    {
        if (outer.Count == 0)
            throw Empty();
        var marked = stack;
        stack = outer[^1];
        outer.RemoveAt(outer.Count - 1);
        return marked;
    }

    private void PushMarked(Func<List<object?>, object> make)
    {
        var items = Marked();
        Push(make(items));
    }

    private void PushTuple(int count)
    {
        if (stack.Count < count)
            throw Empty();
        var items = stack.GetRange(stack.Count - count, count).ToArray();
        stack.RemoveRange(stack.Count - count, count);
        Push(items);
    }

    private void Append(List<object?> items)
    {
        if (Peek() is not List<object?> list)
            throw PickleError.Bad(input.File, "it appends to something that is no list");
        list.AddRange(items);
    }

    private void SetOne()
    {
        var value = Pop();
        var key = Pop();
        Fill(Peek(), [key, value]);
    }

    private void SetMany()
    {
        var items = Marked();
        Fill(Peek(), items);
    }

    private object Fill(object? target, List<object?> items)
    {
        if (target is not PickleDict dict || items.Count % 2 != 0)
            throw PickleError.Bad(input.File, "it puts entries into something that is no dictionary, or a key without a value");
        for (var i = 0; i < items.Count; i += 2)
            dict.Add(items[i], items[i + 1]);
        return dict;
    }

    private object? Recall(ulong index) => memo.TryGetValue(index, out var value)
        ? value
        : throw PickleError.Bad(input.File, $"it refers to its value {index}, which it never made");

    private ulong MemoLine() => ulong.TryParse(input.Line(), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        ? index
        : throw PickleError.Bad(input.File, "it numbers a value with something that is no number");

    private object WholeLine()
    {
        var line = input.Line(1024);
        if (line is "00" or "01")
            return line == "01";
        return BigInteger.TryParse(line.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Short(value)
            : throw PickleError.Bad(input.File, "it holds a whole number that is none");
    }

    private double FloatLine() => double.TryParse(input.Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        ? value
        : throw PickleError.Bad(input.File, "it holds a number that is none");

    private object Long(ulong bytes) => bytes <= 1024
        ? Short(new BigInteger(input.Bytes(bytes)))
        : throw PickleError.Bad(input.File, $"it holds a whole number of {bytes:N0} bytes, and at most 1,024 are read");

    private static object Short(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    private string Text(object? value) => value as string ?? throw PickleError.Bad(input.File, "it names a function by something that is no text");

    private void CheckProtocol(byte protocol)
    {
        if (protocol > 5)
            throw PickleError.Bad(input.File, $"it is written in pickle's protocol {protocol}, and 0 to 5 are known");
    }

    private InvalidDataException Empty() => PickleError.Bad(input.File, "it takes a value where there is none: it is damaged or no pickle");
}
