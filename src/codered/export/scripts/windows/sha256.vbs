
' SHA-256, for systems that have no program for it.
Function HashFile(path, size)
  Dim data, bits, at, word, state, block, tail
  data = ReadBytes(path, size)
  HashFile = ""
  If VarType(data) <> 8204 Then Exit Function
  state = Array(&H6A09E667, &HBB67AE85, &H3C6EF372, &HA54FF53A, &H510E527F, &H9B05688C, &H1F83D9AB, &H5BE0CD19)
  For at = 0 To UBound(data) - 15 Step 16
    HashBlock state, data, at
  Next
  For at = 0 To 7
    HashFile = HashFile & LCase(Right("0000000" & Hex(state(at)), 8))
  Next
End Function

' The padded message as words of 32 bits; Empty if the file can't be read byte for byte here.
Function ReadBytes(path, size)
  Dim text, words, at, code, count, used
  text = ReadText(path)
  count = ((size + 8) \ 64 + 1) * 16
  ReDim words(count - 1)
  For at = 0 To count - 1
    words(at) = 0
  Next
  used = 0
  For at = 1 To Len(text)
    code = Asc(Mid(text, at, 1))
    If code < 0 Then code = code + 65536
    If code > 255 Then
      If used + 1 < size Then PutByte words, used, code \ 256
      used = used + 1
      code = code And 255
    End If
    If used < size Then PutByte words, used, code
    used = used + 1
  Next
  If used <> size Then
    ReadBytes = Empty
    Exit Function
  End If
  PutByte words, size, 128
  words(count - 1) = size * 8
  ReadBytes = words
End Function

Sub PutByte(words, at, code)
  Dim place
  place = at \ 4
  Select Case at And 3
    Case 0
      If code > 127 Then words(place) = words(place) Or ((code - 128) * 16777216) Or &H80000000 Else words(place) = words(place) Or (code * 16777216)
    Case 1
      words(place) = words(place) Or (code * 65536)
    Case 2
      words(place) = words(place) Or (code * CLng(256))
    Case 3
      words(place) = words(place) Or code
  End Select
End Sub

Function Wrap(sum)
  Dim part
  part = sum - Int((sum + 2147483648.0) / 4294967296.0) * 4294967296.0
  Wrap = CLng(part)
End Function

Function ShiftRight(word, bits)
  ShiftRight = (word And &H7FFFFFFF) \ powers(bits)
  If word < 0 Then ShiftRight = ShiftRight Or powers(31 - bits)
End Function

Function Rotate(word, bits)
  Dim high
  high = (word And (powers(bits - 1) - 1)) * powers(32 - bits)
  If (word And powers(bits - 1)) <> 0 Then high = high Or &H80000000
  Rotate = ShiftRight(word, bits) Or high
End Function

Dim powers, constants
Sub FillTables()
  powers = Array( _
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, _
    65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216, 33554432, 67108864, 134217728, 268435456, 536870912, 1073741824)
  constants = Array( _
    &H428A2F98, &H71374491, &HB5C0FBCF, &HE9B5DBA5, &H3956C25B, &H59F111F1, &H923F82A4, &HAB1C5ED5, _
    &HD807AA98, &H12835B01, &H243185BE, &H550C7DC3, &H72BE5D74, &H80DEB1FE, &H9BDC06A7, &HC19BF174, _
    &HE49B69C1, &HEFBE4786, &H0FC19DC6, &H240CA1CC, &H2DE92C6F, &H4A7484AA, &H5CB0A9DC, &H76F988DA, _
    &H983E5152, &HA831C66D, &HB00327C8, &HBF597FC7, &HC6E00BF3, &HD5A79147, &H06CA6351, &H14292967, _
    &H27B70A85, &H2E1B2138, &H4D2C6DFC, &H53380D13, &H650A7354, &H766A0ABB, &H81C2C92E, &H92722C85, _
    &HA2BFE8A1, &HA81A664B, &HC24B8B70, &HC76C51A3, &HD192E819, &HD6990624, &HF40E3585, &H106AA070, _
    &H19A4C116, &H1E376C08, &H2748774C, &H34B0BCB5, &H391C0CB3, &H4ED8AA4A, &H5B9CCA4F, &H682E6FF3, _
    &H748F82EE, &H78A5636F, &H84C87814, &H8CC70208, &H90BEFFFA, &HA4506CEB, &HBEF9A3F7, &HC67178F2)
  rounds = 64
End Sub

Sub HashBlock(state, data, start)
  Dim w(63), at, a, b, c, d, e, f, g, h, one, two
  If IsEmpty(rounds) Then FillTables
  For at = 0 To 15
    w(at) = data(start + at)
  Next
  For at = 16 To 63
    one = Rotate(w(at - 15), 7) Xor Rotate(w(at - 15), 18) Xor ShiftRight(w(at - 15), 3)
    two = Rotate(w(at - 2), 17) Xor Rotate(w(at - 2), 19) Xor ShiftRight(w(at - 2), 10)
    w(at) = Wrap(CDbl(w(at - 16)) + one + w(at - 7) + two)
  Next
  a = state(0)
  b = state(1)
  c = state(2)
  d = state(3)
  e = state(4)
  f = state(5)
  g = state(6)
  h = state(7)
  For at = 0 To 63
    one = CDbl(h) + (Rotate(e, 6) Xor Rotate(e, 11) Xor Rotate(e, 25)) + ((e And f) Xor ((Not e) And g)) + constants(at) + w(at)
    two = CDbl(Rotate(a, 2) Xor Rotate(a, 13) Xor Rotate(a, 22)) + ((a And b) Xor (a And c) Xor (b And c))
    h = g
    g = f
    f = e
    e = Wrap(CDbl(d) + one)
    d = c
    c = b
    b = a
    a = Wrap(one + two)
  Next
  state(0) = Wrap(CDbl(state(0)) + a)
  state(1) = Wrap(CDbl(state(1)) + b)
  state(2) = Wrap(CDbl(state(2)) + c)
  state(3) = Wrap(CDbl(state(3)) + d)
  state(4) = Wrap(CDbl(state(4)) + e)
  state(5) = Wrap(CDbl(state(5)) + f)
  state(6) = Wrap(CDbl(state(6)) + g)
  state(7) = Wrap(CDbl(state(7)) + h)
End Sub
